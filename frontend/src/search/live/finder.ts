import type { SketchPayload } from "../../ink/payload";
import { api, ConnectionLost, listOf, NoAnswer } from "../../shared/api/client";
import { ANSWER_MS, timely } from "../../shared/api/timely";
import type { Hit, ImageSearchBody, Product, Recognised, SearchBody } from "../../shared/api/types";
import { Emitter } from "../../shared/emitter";
import { prepareImage } from "../image";
import { type Filters, type Query, RESULTS_WANTED } from "./query";
import { SearchSession } from "./session";
import { Socket } from "./socket";
import { isLost, type Trouble, troubleOf } from "./trouble";

/** Uploading a photo takes longer than sending strokes. */
const UPLOAD_MS = 60_000;

export type ImageMode = "auto" | "photo" | "sketch";

/** Results that are not from the canvas: of an uploaded image, or of "more like this". */
export type Aside =
  | { readonly kind: "image"; readonly image: Blob; readonly preview: string; readonly mode: ImageMode }
  | { readonly kind: "similar"; readonly product: Product };

/** The state and actions of the results; the canvas only passes it sketches. */
export class Finder {
  readonly events = new Emitter<{ change: undefined; traced: NonNullable<ImageSearchBody["sketch"]> }>();
  readonly session: SearchSession;
  aside: Aside | null = null;
  /** Whether the server recognises names, as far as known. */
  recognises = true;
  private asideBody: SearchBody | null = null;
  private asideTrouble: Trouble | null = null;
  private abort: AbortController | null = null;
  private readonly socket: Socket;

  /** visit: the id of the visit for queries whose clicks may be recorded, else empty. */
  constructor(
    socketUrl: string,
    private readonly visit: () => string = () => "",
  ) {
    this.socket = new Socket(socketUrl, {
      onReady: () => this.socketChanged(),
      onRelease: () => this.session.again(),
    });
    this.session = new SearchSession((query) => this.ask(query));
    this.session.events.on("change", () => this.sessionChanged());
    this.socket.connect();
    addEventListener("online", () => this.comeBack());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.comeBack());
  }

  get body(): SearchBody | null {
    return this.aside ? this.asideBody : this.session.body;
  }

  /** The drawing that `body` is of; null if it is of an image or a product. */
  get sketch(): SketchPayload | null {
    return this.aside ? null : this.session.sketch;
  }

  get trouble(): Trouble | null {
    return this.aside ? this.asideTrouble : this.session.trouble;
  }

  get searching(): boolean {
    return this.aside ? this.abort !== null : this.session.searching;
  }

  /** Whether answers come over the WebSocket. */
  get isLive(): boolean {
    return this.socket.isReady;
  }

  get filters(): Filters {
    return this.session.filters;
  }

  /** What the drawing shows; null before the first answer. */
  get recognised(): Recognised | null {
    return this.session.body?.recognised ?? null;
  }

  /** Change what narrows the results, and repeat the query. */
  narrow(change: Partial<Filters>): void {
    this.session.filters = { ...this.filters, ...change };
    this.session.again();
    if (this.aside?.kind === "image") void this.searchImage(this.aside.image, this.aside.mode);
    else this.leaveAside();
    this.changed();
  }

  /** A new drawing shows something else: forget the chosen name, keep category and words. */
  forgetName(): void {
    this.session.filters = { ...this.filters, name: null, byShape: false };
    this.changed();
  }

  async searchImage(image: Blob, mode: ImageMode = "auto"): Promise<void> {
    const form = async () => {
      const data = new FormData();
      data.set("image", await prepareImage(image), "image");
      data.set("mode", mode);
      data.set("k", String(RESULTS_WANTED));
      if (this.filters.category) data.set("category", this.filters.category);
      if (this.visit()) data.set("visit", this.visit());
      return data;
    };
    const preview =
      this.aside?.kind === "image" && this.aside.image === image ? this.aside.preview : URL.createObjectURL(image);
    const body = await this.lookAside<ImageSearchBody>({ kind: "image", image, preview, mode }, async (signal) =>
      api("search/image", await form(), signal),
    );
    if (!body) return;
    this.aside = { kind: "image", image, preview, mode: body.mode };
    if (body.mode === "sketch" && body.sketch) this.events.emit("traced", body.sketch);
    this.changed();
  }

  async similarTo(product: Product): Promise<void> {
    await this.lookAside({ kind: "similar", product }, async (signal) => {
      const path = `products/${product.id}/similar?k=${RESULTS_WANTED}`;
      return { results: listOf(await api<readonly Hit[] | SearchBody>(path, undefined, signal)) };
    });
  }

  /** Return to the results of the drawing. */
  leaveAside(): void {
    if (!this.aside) return;
    this.abort?.abort();
    this.abort = null;
    this.forget();
    this.aside = null;
    this.changed();
  }

  again(): void {
    if (this.aside?.kind === "image") void this.searchImage(this.aside.image, this.aside.mode);
    else if (this.aside) void this.similarTo(this.aside.product);
    else this.session.again();
  }

  /** Drop the results of another image or product. */
  private forget(): void {
    if (this.aside?.kind === "image") URL.revokeObjectURL(this.aside.preview);
    this.asideBody = null;
  }

  private async lookAside<Body extends SearchBody>(
    aside: Aside,
    load: (signal: AbortSignal) => Promise<Body>,
  ): Promise<Body | null> {
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    if (!isSame(this.aside, aside)) this.forget();
    this.aside = aside;
    this.asideTrouble = null;
    this.changed();
    try {
      const limitMs = aside.kind === "image" ? UPLOAD_MS : ANSWER_MS;
      const body = await timely(load, { abort, limitMs });
      if (this.abort !== abort) return null;
      this.asideBody = body;
      return body;
    } catch (error) {
      if (this.abort !== abort) return null;
      this.asideTrouble = troubleOf(error);
      this.asideBody = null;
      return null;
    } finally {
      if (this.abort === abort) this.abort = null;
      this.changed();
    }
  }

  /**
   * Query over the socket if it is open, else over HTTP. A query that the socket did not answer in time is not sent again here:
   * the page shows the trouble first.
   */
  private async ask({ seq, ...asked }: Query): Promise<SearchBody> {
    const visit = this.visit();
    const query = visit ? { ...asked, visit } : asked;
    if (this.socket.isReady) {
      try {
        return await this.socket.ask({ seq, ...query });
      } catch (error) {
        if (!(error instanceof ConnectionLost) || error instanceof NoAnswer) throw error;
      }
    }
    const body = await timely((signal) => api<SearchBody>("search", query, signal));
    // The server is back, so there is no need to wait.
    if (isLost(this.session.trouble) && !this.socket.isDoubtful) this.socket.connect();
    return body;
  }

  private sessionChanged(): void {
    const { body } = this.session;
    if (body) this.recognises = Boolean(body.recognised ?? this.filters.name ?? this.filters.byShape);
    this.changed();
  }

  private socketChanged(): void {
    const perSecond = this.socket.queriesPerSecond;
    this.session.minIntervalMs = this.socket.isReady && perSecond ? 1000 / perSecond : 0;
    if (this.socket.isReady && isLost(this.session.trouble)) this.session.again();
    if (this.socket.isReady && this.aside && isLost(this.asideTrouble)) this.again();
    this.changed();
  }

  private comeBack(): void {
    this.socket.connect();
    if (isLost(this.trouble)) this.again();
  }

  private changed(): void {
    this.events.emit("change", undefined);
  }
}

/** Whether the results of one stay while the other is searched: the same image in another way. */
function isSame(a: Aside | null, b: Aside): boolean {
  return a?.kind === "image" && b.kind === "image" && a.image === b.image;
}
