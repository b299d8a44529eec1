import { newKey } from "./pendingRequests";

const NAME = "sketchfind.browser";
let kept = "";

/**
 * A secret of this tab, sent when a worker joins: if the answer is lost, joining again gives the same worker. It is kept
 * as long as the tab, or in memory if the browser allows no storage.
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
