import { decodeStrokes, encodeStrokes, type StoredStroke } from "./draft";
import type { Steps } from "./history";
import type { Drawing, Stroke } from "./types";

const KEY = "sketchfind.steps.1";
const MAX_STEPS = 100;
const MAX_CHARS = 1_000_000;

/** Each stroke once; a step is a list of positions in `strokes`. */
interface StoredSteps {
  readonly strokes: readonly StoredStroke[];
  readonly past: readonly (readonly number[])[];
  readonly now: readonly number[];
  readonly future: readonly (readonly number[])[];
}

/** The nearest `maxSteps` steps in each direction as text, or fewer if it would be too long. */
export function encodeSteps(steps: Steps, maxSteps = MAX_STEPS): string {
  const kept = { past: steps.past.slice(-maxSteps), now: steps.now, future: steps.future.slice(-maxSteps) };
  if (maxSteps === 0) kept.past = kept.future = [];
  const positions = new Map<Stroke, number>();
  const listed = (drawing: Drawing) =>
    drawing.map((stroke) => {
      const position = positions.get(stroke) ?? positions.size;
      positions.set(stroke, position);
      return position;
    });
  const [past, now, future] = [kept.past.map(listed), listed(kept.now), kept.future.map(listed)];
  const text = JSON.stringify({ strokes: encodeStrokes([...positions.keys()]), past, now, future });
  return text.length > MAX_CHARS && maxSteps > 0 ? encodeSteps(steps, Math.floor(maxSteps / 2)) : text;
}

/** The steps of an encoded text; null if it is invalid. */
export function decodeSteps(text: string): Steps | null {
  try {
    const stored = JSON.parse(text) as StoredSteps;
    const strokes = decodeStrokes(stored.strokes);
    if (!strokes) return null;
    const drawn = (positions: readonly number[]): Drawing =>
      positions.map((position) => {
        if (!strokes[position]) throw new RangeError(`no stroke ${position}`);
        return strokes[position];
      });
    return { past: stored.past.map(drawn), now: drawn(stored.now), future: stored.future.map(drawn) };
  } catch {
    return null;
  }
}

/** Keep undo and redo for a reload of this tab. If they do not fit, an older state must not come back instead of the draft. */
export function saveSteps(steps: Steps): void {
  try {
    sessionStorage.removeItem(KEY);
    sessionStorage.setItem(KEY, encodeSteps(steps));
  } catch {
    return;
  }
}

export function loadSteps(): Steps | null {
  try {
    return decodeSteps(sessionStorage.getItem(KEY) ?? "");
  } catch {
    return null;
  }
}
