import { type RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

const SLIDE_MS = 280;

interface Place {
  readonly left: number;
  readonly top: number;
}

/**
 * Children with `data-flip` slide from where they were to where they are when `moment` changes (first, last, invert, play).
 * Positions are relative to the container, so scrolling moves nothing; nothing moves for visitors who prefer reduced motion.
 */
export function useFlip(container: RefObject<HTMLElement | null>, moment: unknown): void {
  const before = useRef(new Map<string, Place>());
  useLayoutEffect(() => {
    const frame = container.current?.getBoundingClientRect();
    const items = container.current?.querySelectorAll<HTMLElement>("[data-flip]") ?? [];
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const now = new Map<string, Place>();
    for (const item of items) {
      const key = item.dataset.flip ?? "";
      const box = item.getBoundingClientRect();
      const to = { left: box.left - (frame?.left ?? 0), top: box.top - (frame?.top ?? 0) };
      const from = before.current.get(key);
      now.set(key, to);
      if (still || !from || (from.left === to.left && from.top === to.top)) continue;
      const start = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
      item.animate([{ transform: start }, { transform: "none" }], {
        duration: SLIDE_MS,
        easing: "cubic-bezier(.2,.8,.2,1)",
      });
    }
    before.current = now;
  }, [moment]);
}
