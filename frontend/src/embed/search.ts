import { type Filters, type Query } from "../search/live/query";
import { SearchSession } from "../search/live/session";
import { Socket } from "../search/live/socket";
import { isLost, type Trouble, troubleOf } from "../search/live/trouble";
import { ConnectionLost, NoAnswer, ProblemError } from "../shared/api/client";
import type { Embed, Hit } from "../shared/api/types";
import { Emitter } from "../shared/emitter";
import type { Answer, Product, Server } from "./server";

const FORBIDDEN = 403;

/** Products similar to one, shown instead of those for the drawing. */
export interface Aside {
  readonly product: Product;
  /** Null until the server has answered. */
  readonly results: readonly Hit[] | null;
}

/** The search of one element: greeted by the server, then live over its WebSocket, or else over HTTP. */
export class EmbeddedSearch {
  readonly events = new Emitter<{ change: undefined }>();
  readonly session: SearchSession;
  /** From the server; null before it has greeted. */
  greeting: Embed | null = null;
  /** Why the server does not greet. */
  private failure: Trouble | null = null;
  aside: Aside | null = null;
  private asideTrouble: Trouble | null = null;
  private readonly socket: Socket;
  private readonly onOnline = () => this.again();

  constructor(private readonly server: Server) {
    this.session = new SearchSession((query) => this.ask(query));
    this.session.events.on("change", () => this.changed());
    this.socket = new Socket(server.socketUrl, {
      onReady: (ready) => this.socketChanged(ready),
      onRelease: () => this.session.again(),
    });
    addEventListener("online", this.onOnline);
    void this.greet();
  }

  get answer(): Answer | null {
    return this.session.body;
  }

  get trouble(): Trouble | null {
    return this.failure ?? this.asideTrouble ?? this.session.trouble;
  }

  get searching(): boolean {
    return this.session.searching;
  }

  /** Whether key or page is refused, which trying again does not change. */
  get isRefused(): boolean {
    return this.trouble?.kind === "problem" && this.trouble.problem.status === FORBIDDEN;
  }

  get filters(): Filters {
    return this.session.filters;
  }

  narrow(change: Partial<Filters>): void {
    this.session.filters = { ...this.filters, ...change };
    this.session.again();
    this.changed();
  }

  again(): void {
    if (this.aside && this.asideTrouble) void this.similarTo(this.aside.product);
    else if (this.greeting && !this.failure) {
      this.socket.connect();
      this.session.again();
    } else void this.greet();
  }

  async similarTo(product: Product): Promise<void> {
    const aside: Aside = { product, results: null };
    this.lookAside(aside);
    try {
      const { results } = await this.server.similar(product);
      if (this.aside === aside) this.lookAside({ product, results });
    } catch (error) {
      if (this.aside === aside) this.lookAside(aside, troubleOf(error));
    }
  }

  /** Return to the results for the drawing. */
  leaveAside(): void {
    if (this.aside) this.lookAside(null);
  }

  close(): void {
    removeEventListener("online", this.onOnline);
    this.socket.close();
    this.session.reset();
  }

  private lookAside(aside: Aside | null, trouble: Trouble | null = null): void {
    this.aside = aside;
    this.asideTrouble = trouble;
    this.changed();
  }

  private async greet(): Promise<void> {
    try {
      this.greeting = await this.server.embed();
      this.failure = null;
      this.socket.connect();
      if (this.session.trouble) this.session.again();
    } catch (error) {
      this.failure = troubleOf(error);
    }
    this.changed();
  }

  private async ask({ seq, ...query }: Query): Promise<Answer> {
    try {
      if (this.socket.isReady) return await this.socket.ask({ seq, ...query });
    } catch (error) {
      if (error instanceof ProblemError) this.noteRefusal(error);
      if (!(error instanceof ConnectionLost) || error instanceof NoAnswer) throw error;
    }
    try {
      return await this.server.search(query);
    } catch (error) {
      // A browser does not say why it withholds an answer. The greeting does.
      if (error instanceof ConnectionLost) await this.server.embed().catch((reason) => this.noteRefusal(reason));
      throw error;
    }
  }

  /** Stop for good if key or page is refused. */
  private noteRefusal(reason: unknown): void {
    if (!(reason instanceof ProblemError) || reason.problem.status !== FORBIDDEN) return;
    this.failure = troubleOf(reason);
    this.socket.close();
    this.session.reset();
  }

  private socketChanged(ready: boolean): void {
    const perSecond = this.socket.queriesPerSecond;
    this.session.minIntervalMs = ready && perSecond ? 1000 / perSecond : 0;
    if (ready && isLost(this.session.trouble)) this.session.again();
  }

  private changed(): void {
    this.events.emit("change", undefined);
  }
}
