import { NoAnswer } from "./client";

/** A server that has not answered after this time counts as lost. */
export const ANSWER_MS = 6_000;

/**
 * Load with a time limit. `abort` also cancels it from outside. Rejects with NoAnswer once the time is up, even if the browser
 * does not abort the request.
 */
export function timely<T>(
  load: (signal: AbortSignal) => Promise<T>,
  { abort = new AbortController(), limitMs = ANSWER_MS } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const reason = new NoAnswer();
      reject(reason);
      abort.abort(reason);
    }, limitMs);
    load(abort.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
