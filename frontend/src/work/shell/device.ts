/** Phone, tablet or desktop, by what may affect a judgement: pointer and width. */
export function deviceClass(): "phone" | "tablet" | "desktop" {
  if (!matchMedia("(pointer: coarse)").matches) return "desktop";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
}
