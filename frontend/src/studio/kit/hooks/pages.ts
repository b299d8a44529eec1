import { useEffect, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import { type Loaded, useLoad } from "./load";

interface Page<T> {
  readonly results: readonly T[];
  readonly next: string | null;
}

export interface Rows<T> {
  readonly rows: readonly T[];
  /** Adds the next page; null after the last one. */
  readonly more: (() => Promise<void>) | null;
}

/** A paginated list: the first page at once, others on request. */
export function usePages<T>(path: string, inputs: readonly unknown[] = []): [Loaded<Rows<T>>, () => void] {
  const [first, again] = useLoad(() => api<Page<T>>(path), [path, ...inputs]);
  const [further, setFurther] = useState<readonly Page<T>[]>([]);
  const page = first.kind === "ready" ? first.data : null;
  useEffect(() => setFurther([]), [page]);
  if (first.kind !== "ready") return [first, again];
  const pages = [first.data, ...further];
  const { next } = pages[pages.length - 1];
  const more = async () => {
    const got = await api<Page<T>>(pathOf(next ?? path));
    setFurther([...further, got]);
  };
  return [{ kind: "ready", data: { rows: pages.flatMap(({ results }) => results), more: next ? more : null } }, again];
}

/** The first `n` pages of a list, for polling; and whether there are more. */
export async function firstPages<T>(path: string, n: number): Promise<{ rows: readonly T[]; hasMore: boolean }> {
  const rows: T[] = [];
  let next: string | null = path;
  for (let page = 0; page < n && next !== null; page++) {
    const got: Page<T> = await api<Page<T>>(pathOf(next));
    rows.push(...got.results);
    next = got.next;
  }
  return { rows, hasMore: next !== null };
}

/** Convert a page's absolute URL to a path for `api`. */
export function pathOf(address: string): string {
  const { pathname, search } = new URL(address, "http://here/");
  return pathname.replace(/^\/api\/v1\//, "").replace(/^\//, "") + search;
}
