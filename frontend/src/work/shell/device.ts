/** Phone, tablet or desktop, as far as a judgement may depend on it: pointer and width. */
export function deviceClass(): "phone" | "tablet" | "desktop" {
  if (!matchMedia("(pointer: coarse)").matches) return "desktop";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
}
