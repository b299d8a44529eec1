/**
 * Return a new request id of 32 hex digits. It is in every log line that the request causes, on web, worker and in a
 * training. `crypto.randomUUID` is missing on pages served over plain HTTP.
 */
export function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
