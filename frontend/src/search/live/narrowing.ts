import type { Share } from "../../shared/api/types";
import { type Filters, MAX_TEXT } from "./query";

const KEY = "sketchfind.narrowing.1";

/** The part of the filters that a reload keeps with the drawing. */
export type Narrowing = Pick<Filters, "name" | "byShape" | "text">;

/** What a shared search is narrowed to. */
export function narrowingOf({ category, name, label, by_shape: byShape, text }: Share): Filters {
  return { category, name: name ? { name, label: label ?? name } : null, byShape, text };
}

export function saveNarrowing({ name, byShape, text }: Narrowing): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ name, byShape, text }));
  } catch {
    return;
  }
}

/** The stored narrowing; null if there is none or it is invalid. */
export function loadNarrowing(): Narrowing | null {
  try {
    const { name, byShape, text } = JSON.parse(sessionStorage.getItem(KEY) ?? "") as Partial<Narrowing>;
    const isName = name && typeof name.name === "string" && typeof name.label === "string";
    return {
      name: isName ? { name: name.name, label: name.label } : null,
      byShape: byShape === true,
      text: typeof text === "string" ? text.slice(0, MAX_TEXT) : "",
    };
  } catch {
    return null;
  }
}
