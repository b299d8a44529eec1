import type { Drawing, InkPoint, Stroke } from "./types";

const KEY = "sketchfind.draft.1";
const NUMBERS_A_POINT = 4;

/** Flat numbers: a quarter of the JSON of objects. */
export interface StoredStroke {
  readonly w: number;
  readonly p: 0 | 1;
  readonly xytp: readonly number[];
}

export function encodeStrokes(drawing: Drawing): StoredStroke[] {
  return drawing.map(({ width, pressed, points }) => ({
    w: width,
    p: pressed ? 1 : 0,
    xytp: points.flatMap(({ x, y, t, pressure }) => [to(x, 10), to(y, 10), t, to(pressure, 100)]),
  }));
}

/** The strokes; null if one is invalid. */
export function decodeStrokes(stored: readonly StoredStroke[]): Drawing | null {
  const drawing = stored.map(decodeStroke);
  return drawing.every(isSound) ? drawing : null;
}

export function encodeDraft(drawing: Drawing): string {
  return JSON.stringify(encodeStrokes(drawing));
}

/** The drawing of an encoded draft; null if it is invalid (another version, partly written, edited by hand). */
export function decodeDraft(text: string): Drawing | null {
  try {
    return decodeStrokes(JSON.parse(text) as StoredStroke[]);
  } catch {
    return null;
  }
}

function decodeStroke({ w, p, xytp }: StoredStroke): Stroke {
  const points: InkPoint[] = [];
  for (let i = 0; i + NUMBERS_A_POINT <= xytp.length; i += NUMBERS_A_POINT) {
    points.push({ x: xytp[i], y: xytp[i + 1], t: xytp[i + 2], pressure: xytp[i + 3] });
  }
  return { width: w, pressed: p === 1, points };
}

function isSound({ width, points }: Stroke): boolean {
  const finite = ({ x, y, t, pressure }: InkPoint) => [x, y, t, pressure].every(Number.isFinite);
  return Number.isFinite(width) && points.length > 0 && points.every(finite);
}

function to(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}

/**
 * The draft's two places: the tab's own (two tabs do not mix on reload) and the browser's (a closed tab comes back).
 * Without storage (private mode, full) the draft is not saved.
 */
export function saveDraft(drawing: Drawing): void {
  for (const store of stores()) {
    try {
      if (drawing.length === 0) store.removeItem(KEY);
      else store.setItem(KEY, encodeDraft(drawing));
    } catch {
      continue;
    }
  }
}

export function loadDraft(): Drawing | null {
  for (const store of stores()) {
    const text = store.getItem(KEY);
    if (text !== null) return decodeDraft(text);
  }
  return null;
}

function stores(): Storage[] {
  try {
    return [sessionStorage, localStorage];
  } catch {
    return [];
  }
}
