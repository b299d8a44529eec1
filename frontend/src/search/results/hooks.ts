import { type RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const SLIDE_MS = 280;

interface Place {
  readonly left: number;
  readonly top: number;
}

/**
 * Children with `data-flip` slide from where they were to where they are when `moment` changes (first, last, invert, play).
 * Places are those of the layout within the container, which must be positioned: a box measured while it slides would add
 * its way to the next one. A sliding child takes no pointer events. Nothing moves for visitors who prefer reduced motion.
 */
export function useFlip(container: RefObject<HTMLElement | null>, moment: unknown): void {
  const before = useRef(new Map<string, Place>());
  useLayoutEffect(() => {
    const items = container.current?.querySelectorAll<HTMLElement>("[data-flip]") ?? [];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const now = new Map<string, Place>();
    for (const item of items) {
      const key = item.dataset.flip ?? "";
      const to = { left: item.offsetLeft, top: item.offsetTop };
      const from = before.current.get(key);
      now.set(key, to);
      if (still || !from || (from.left === to.left && from.top === to.top)) continue;
      const start = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
      const frames = { transform: [start, "none"], pointerEvents: ["none", "none"] };
      item.animate(frames, { duration: SLIDE_MS, easing: "cubic-bezier(.2,.8,.2,1)" });
    }
    before.current = now;
  }, [moment]);
}
