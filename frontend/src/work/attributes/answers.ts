/** Yes, no, or can't tell; undefined while not answered. */
export type Answer = boolean | null;
export type Answers = Readonly<Record<string, Answer | undefined>>;

export interface Sheet {
  readonly slugs: readonly string[];
  readonly answers: Answers;
  /** The row that keys act on. */
  readonly row: number;
}

/** A sheet, blank or as stored with the answers to rows that there are; its first unanswered row is current. */
export function restored(slugs: readonly string[], text: string | null): Sheet {
  const stored = answersOf(text);
  const known = slugs.filter((slug) => stored[slug] === null || typeof stored[slug] === "boolean");
  const answers = Object.fromEntries(known.map((slug) => [slug, stored[slug] as Answer]));
  return {
    slugs,
    answers,
    row: Math.max(
      0,
      slugs.findIndex((slug) => answers[slug] === undefined),
    ),
  };
}

function answersOf(text: string | null): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Answer a row, and make the next unanswered row, if any, current. */
export function answered(sheet: Sheet, slug: string, answer: Answer): Sheet {
  const answers = { ...sheet.answers, [slug]: answer };
  const at = sheet.slugs.indexOf(slug);
  const after = [...sheet.slugs.keys()].map((i) => (at + 1 + i) % sheet.slugs.length);
  const next = after.find((i) => answers[sheet.slugs[i]] === undefined);
  return { ...sheet, answers, row: next ?? at };
}

export function moved(sheet: Sheet, by: 1 | -1): Sheet {
  const row = Math.max(0, Math.min(sheet.slugs.length - 1, sheet.row + by));
  return { ...sheet, row };
}

export function countAnswered({ slugs, answers }: Sheet): number {
  return slugs.filter((slug) => answers[slug] !== undefined).length;
}

export function isComplete(sheet: Sheet): boolean {
  return countAnswered(sheet) === sheet.slugs.length;
}

export type SheetAct = { readonly answer: Answer } | { readonly move: 1 | -1 } | { readonly submit: true };

const SINGLE: Readonly<Record<string, SheetAct>> = {
  "1": { answer: true },
  y: { answer: true },
  "2": { answer: false },
  n: { answer: false },
  "3": { answer: null },
  c: { answer: null },
};
const NAMED: Readonly<Record<string, SheetAct>> = { ArrowUp: { move: -1 }, ArrowDown: { move: 1 } };

/** The action of a key; "j" is German for yes. */
export function sheetActOf(
  { key, ctrlKey, metaKey, altKey, repeat }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "repeat">,
  singleKeys: boolean,
): SheetAct | null {
  if (altKey) return null;
  if (key === "Enter") return repeat ? null : { submit: true };
  if (ctrlKey || metaKey) return null;
  if (NAMED[key]) return NAMED[key];
  if (repeat || !singleKeys) return null;
  const name = key.toLowerCase();
  return name === "j" ? SINGLE.y : (SINGLE[name] ?? null);
}
