/** Yes, no, or can't tell; undefined while not answered. */
export type Answer = boolean | null;
export type Answers = Readonly<Record<string, Answer | undefined>>;

export interface Sheet {
  readonly slugs: readonly string[];
  readonly answers: Answers;
  /** The row that keys act on. */
  readonly row: number;
}

export function blankSheet(slugs: readonly string[]): Sheet {
  return { slugs, answers: {}, row: 0 };
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
  if (ctrlKey || metaKey) return key === "Enter" && !repeat ? { submit: true } : null;
  if (NAMED[key]) return NAMED[key];
  if (repeat || !singleKeys) return null;
  const name = key.toLowerCase();
  return name === "j" ? SINGLE.y : (SINGLE[name] ?? null);
}
