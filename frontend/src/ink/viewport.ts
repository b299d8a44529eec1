import { type Box, PAGE } from "./types";

/** The page's position on the element: screen = page * scale + (x, y), in CSS pixels. */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MIN_SCALE = 0.1;
const MAX_SCALE = 12;

/** The view that shows the whole page, centred on the element. */
export function pageView({ width, height }: Size): Viewport {
  const scale = Math.min(width, height) / PAGE;
  return { scale, x: (width - PAGE * scale) / 2, y: (height - PAGE * scale) / 2 };
}

/** `pageView`, or zoomed out further if the ink would not fit. */
export function fitView(size: Size, ink: Box | null): Viewport {
  const page = pageView(size);
  if (!ink || contains(size, page, ink)) return page;
  const margin = 0.06;
  const [width, height] = [Math.max(1, ink.x1 - ink.x0), Math.max(1, ink.y1 - ink.y0)];
  const fitted = Math.min(size.width / width, size.height / height) * (1 - 2 * margin);
  const scale = Math.max(MIN_SCALE / 4, Math.min(page.scale, fitted));
  return {
    scale,
    x: size.width / 2 - ((ink.x0 + ink.x1) / 2) * scale,
    y: size.height / 2 - ((ink.y0 + ink.y1) / 2) * scale,
  };
}

function contains({ width, height }: Size, view: Viewport, ink: Box): boolean {
  const [a, b] = [toScreen(view, ink.x0, ink.y0), toScreen(view, ink.x1, ink.y1)];
  return a.x >= 0 && a.y >= 0 && b.x <= width && b.y <= height;
}

export function toPage(view: Viewport, x: number, y: number): { x: number; y: number } {
  return { x: (x - view.x) / view.scale, y: (y - view.y) / view.scale };
}

export function toScreen(view: Viewport, x: number, y: number): { x: number; y: number } {
  return { x: x * view.scale + view.x, y: y * view.scale + view.y };
}

/** The view after two fingers moved their midpoint from `from` to `to` and scaled their distance by `factor`. */
export function pinched(
  view: Viewport,
  from: { x: number; y: number },
  to: { x: number; y: number },
  factor: number,
): Viewport {
  const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, view.scale * factor));
  const grown = scale / view.scale;
  return { scale, x: to.x - (from.x - view.x) * grown, y: to.y - (from.y - view.y) * grown };
}
