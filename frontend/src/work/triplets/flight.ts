const FLIGHT_MS = 260;

/** A copy of the chosen photo flies off to its side, over the next pair, which is already shown. */
export function flyOff(stage: HTMLElement | null, side: "left" | "right"): void {
  const chosen = stage?.querySelector<HTMLElement>(`.judge-pair [data-side=${side}] .plate`);
  if (!chosen || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const { left, top, width, height } = chosen.getBoundingClientRect();
  const ghost = chosen.cloneNode(true) as HTMLElement;
  ghost.className = "plate ghost";
  ghost.ariaHidden = "true";
  Object.assign(ghost.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  const way = side === "left" ? -left - width : innerWidth - left;
  const end = { transform: `translate(${way}px, -24px) rotate(${side === "left" ? -8 : 8}deg)`, opacity: 0.2 };
  // Let the next pair be painted first.
  requestAnimationFrame(() => {
    document.body.append(ghost);
    ghost
      .animate([{ transform: "none", opacity: 1 }, end], { duration: FLIGHT_MS, easing: "cubic-bezier(.4,0,.8,.4)" })
      .finished.finally(() => ghost.remove());
  });
}
