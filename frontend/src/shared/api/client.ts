import { requestId } from "./requestId";
import type { Problem } from "./types";

/** The server refused the request. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** There is no answer: the network or the server is unavailable. */
export class ConnectionLost extends Error {}

/** The connection exists, but the server did not answer in time. */
export class NoAnswer extends ConnectionLost {}

/** The same request may succeed later: the server is at fault or busy. */
export function isPassing({ status }: Problem): boolean {
  return status >= 500 || PASSING.has(status);
}

const PASSING = new Set([408, 425, 429]);
const API = "/api/v1/";
const NO_CONTENT = 204;

/**
 * GET, or POST if there is a body. An answer without content is null. Rejects with ProblemError or ConnectionLost, or when
 * `signal` is aborted.
 */
export function api<T>(path: string, body?: object | FormData, signal?: AbortSignal): Promise<T> {
  return request(body === undefined ? "GET" : "POST", path, body, signal);
}

export function patch<T>(path: string, body: object): Promise<T> {
  return request("PATCH", path, body);
}

export function put<T>(path: string, body: object): Promise<T> {
  return request("PUT", path, body);
}

export function remove(path: string): Promise<null> {
  return request("DELETE", path);
}

async function request<T>(method: string, path: string, body?: object | FormData, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = {
    Accept: "application/json, application/problem+json",
    "X-Request-ID": requestId(),
  };
  const init: RequestInit = { method, headers, ...(signal ? { signal } : {}) };
  if (method !== "GET") {
    const token = csrfToken();
    if (token) headers["X-CSRFToken"] = token;
  }
  if (body !== undefined) {
    const isForm = body instanceof FormData;
    if (!isForm) headers["Content-Type"] = "application/json";
    init.body = isForm ? body : JSON.stringify(body);
  }
  return answered(API + path, init);
}

/** The cookie's token, which changes when somebody signs in, even in another tab; else the page's own. */
function csrfToken(): string | undefined {
  const cookie = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ?? document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value;
}

/** Fetch JSON from any address. Rejects like `api`. */
export async function answered<T>(url: string, init: RequestInit): Promise<T> {
  const lost = (reason: unknown) => {
    if (init.signal?.aborted) throw init.signal.reason;
    throw new ConnectionLost(String(reason));
  };
  const response = await fetch(url, init).catch(lost);
  if (!response.ok) throw new ProblemError(await problemOf(response));
  return (response.status === NO_CONTENT ? null : await response.json().catch(lost)) as T;
}

async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get("Retry-After"));
  const base = {
    title: response.statusText || `HTTP ${response.status}`,
    status: response.status,
    ...(wait > 0 ? { retry_after_s: wait } : {}),
  };
  try {
    return { ...base, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return base;
  }
}

/** A list, plain or paginated. */
export function listOf<T>(body: readonly T[] | { readonly results: readonly T[] }): readonly T[] {
  return "results" in body ? body.results : body;
}
