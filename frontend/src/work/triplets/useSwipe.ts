import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Swipe } from "./swipe";

/** Swipe the stage by finger or pen; the custom property `--pull` is set from -1 (left) to 1 (right). */
export function useSwipe(
  stage: RefObject<HTMLElement | null>,
  onAnswer: (side: "left" | "right") => void,
): RefObject<Swipe | null> {
  const swipe = useRef<Swipe | null>(null);
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    let pointer: number | null = null;
    const paint = () => {
      const pull = swipe.current?.pull ?? 0;
      element.style.setProperty("--pull", String(pull));
      element.dataset.pull = pull <= -1 ? "left" : pull >= 1 ? "right" : "";
    };
    const down = (event: PointerEvent) => {
      if (event.pointerType === "mouse") {
        swipe.current = null;
        return;
      }
      if (pointer !== null) return cancel(); // a second finger zooms
      pointer = event.pointerId;
      swipe.current = new Swipe(element.clientWidth);
      swipe.current.begin({ x: event.clientX, y: event.clientY });
    };
    const move = (event: PointerEvent) => {
      if (event.pointerId !== pointer) return;
      swipe.current?.move({ x: event.clientX, y: event.clientY });
      paint();
    };
    const up = (event: PointerEvent) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      const side = swipe.current?.release() ?? null;
      paint();
      if (side) onAnswer(side);
    };
    const cancel = () => {
      pointer = null;
      swipe.current?.cancel();
      paint();
    };
    element.addEventListener("pointerdown", down);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", up);
    element.addEventListener("pointercancel", cancel);
    return () => {
      element.removeEventListener("pointerdown", down);
      element.removeEventListener("pointermove", move);
      element.removeEventListener("pointerup", up);
      element.removeEventListener("pointercancel", cancel);
    };
  }, []);
  return swipe;
}
