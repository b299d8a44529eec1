import type { WordsName } from "../../shared/api/types";

const MOST = 8;

/** A text without case, accents and the German spellings of umlauts, for comparing what people type. */
export function plain(text: string): string {
  return text
    .toLocaleLowerCase()
    .replace(/ä|ae/g, "a")
    .replace(/ö|oe/g, "o")
    .replace(/ü|ue/g, "u")
    .replace(/ß/g, "ss")
    .normalize("NFD")
    .replace(/\p{M}/gu, "");
}

/** The names with a word, English or German, that contains what was typed; words that start with it come first. */
export function namesFor(typed: string, names: readonly WordsName[]): readonly WordsName[] {
  const sought = plain(typed.trim());
  if (!sought) return [];
  const placeOf = (name: WordsName): number => {
    const places = [name.label, ...name.words].map((word) => plain(word).indexOf(sought)).filter((at) => at >= 0);
    return places.length === 0 ? Infinity : plain(name.label).startsWith(sought) ? -1 : Math.min(...places);
  };
  return names
    .map((name) => ({ name, place: placeOf(name) }))
    .filter(({ place }) => place < Infinity)
    .sort((a, b) => a.place - b.place)
    .slice(0, MOST)
    .map(({ name }) => name);
}
