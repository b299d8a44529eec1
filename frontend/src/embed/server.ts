import type { Query } from "../search/live/query";
import { answered } from "../shared/api/client";
import { timely } from "../shared/api/timely";
import type { Embed, Hit, SearchBody } from "../shared/api/types";

export type Answer = SearchBody;
export type Product = Hit["product"];

/** The search's server, as a page with a public key sees it. No request carries cookies. */
export class Server {
  constructor(
    readonly base: string,
    readonly key: string,
    readonly language: string,
  ) {}

  get socketUrl(): string {
    const url = this.url("/ws/search/");
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("lang", this.language);
    return url.href;
  }

  /** What is shown before anything is drawn. Rejects with ProblemError 403 if key or page is refused. */
  embed(): Promise<Embed> {
    return timely((signal) => this.request<Embed>("embed/", { signal }));
  }

  search(query: Omit<Query, "seq">): Promise<Answer> {
    const init = { method: "POST", body: JSON.stringify(query) };
    return timely((signal) => this.request<Answer>("search", { ...init, signal }));
  }

  /** Products that look like one, near-identical ones included. */
  similar(product: Product): Promise<Answer> {
    return timely((signal) => this.request<Answer>(`products/${product.id}/similar`, { signal }));
  }

  /**
   * The product's page in the shop, or, if it has none that a browser can open, on the search's own site; with the answer's
   * id and the rank if known.
   */
  linkOf({ link, url }: Product, answer: string, rank: number): string {
    const page = shopPage(link) ?? new URL(url, this.base);
    if (answer) {
      page.searchParams.set("sketchfind_answer", answer);
      page.searchParams.set("sketchfind_rank", String(rank));
    }
    return page.href;
  }

  absolute(path: string): string {
    return path && new URL(path, this.base).href;
  }

  /** These headers need no preflight, except for JSON. */
  private request<T>(path: string, init: RequestInit): Promise<T> {
    const json: Record<string, string> = init.body ? { "Content-Type": "application/json" } : {};
    const headers = { "Accept-Language": this.language, ...json };
    return answered<T>(this.url(`/api/v1/${path}`).href, { ...init, headers, credentials: "omit" });
  }

  private url(path: string): URL {
    const url = new URL(path, this.base);
    url.searchParams.set("key", this.key);
    return url;
  }
}

/** The address of a page in the shop; null if it is none that a browser can open, which older browsers tell by throwing. */
function shopPage(link: string): URL | null {
  try {
    const page = new URL(link);
    return /^https?:$/.test(page.protocol) ? page : null;
  } catch {
    return null;
  }
}
