import type { Choice } from "../../shared/api/types";

export type Act = Choice | "undo" | "enlarge";

type Key = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey" | "repeat">;

/** Not characters, so they need no switch (WCAG 2.1.4). */
const ARROWS: Readonly<Record<string, Act>> = { ArrowLeft: "left", ArrowRight: "right" };
const SINGLE: Readonly<Record<string, Act>> = {
  "1": "left",
  "2": "right",
  c: "cant_tell",
  s: "skip",
  u: "undo",
  z: "enlarge",
};

/** The action of a key on the judge page. A repeated key has none. */
export function actOf(key: Key, singleKeys: boolean): Act | null {
  if (key.repeat || key.altKey) return null;
  const name = key.key.toLowerCase();
  if (key.ctrlKey || key.metaKey) return name === "z" && !key.shiftKey ? "undo" : null;
  return ARROWS[key.key] ?? (singleKeys ? (SINGLE[name] ?? null) : null);
}
