import { newKey } from "./pendingRequests";

const NAME = "sketchfind.browser";
let kept = "";

/**
 * A secret of this browser, sent when a worker joins: if the answer is lost, or the cookies are deleted, joining again gives
 * the same worker. It is kept in memory if the browser allows no storage.
 */
export function browserKey(): string {
  try {
    kept = localStorage.getItem(NAME) ?? (kept || newKey());
    localStorage.setItem(NAME, kept);
  } catch {
    kept ||= newKey();
  }
  return kept;
}
