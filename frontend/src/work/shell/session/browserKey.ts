import { newKey } from "./parcels";

const NAME = "sketchfind.browser";
let kept = "";

/**
 * A secret of this tab, sent when a worker joins: where the answer is lost, joining again gives the same worker. It is kept
 * as long as the tab, in memory alone where the browser allows no storage.
 */
export function browserKey(): string {
  try {
    kept = sessionStorage.getItem(NAME) ?? (kept || newKey());
    sessionStorage.setItem(NAME, kept);
  } catch {
    kept ||= newKey();
  }
  return kept;
}
