import { backoffMs } from "../../shared/api/backoff";
import { ConnectionLost, NoAnswer, ProblemError } from "../../shared/api/client";
import { ANSWER_MS } from "../../shared/api/timely";
import type { SearchBody, SocketMessage } from "../../shared/api/types";
import type { Query } from "./query";

interface Waiting {
  readonly resolve: (body: SearchBody) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** After this many queries in a row without an answer, only `connect` opens the socket again. */
const MAX_SILENCES = 2;
const AFTER_SILENCE_MS = 20_000;

export interface SocketHooks {
  /** The socket became usable or unusable. */
  readonly onReady: (ready: boolean) => void;
  /** Another release is live, so the results may be out of date. */
  readonly onRelease: () => void;
}

/** The search WebSocket: reports when it is ready, matches answers to queries, and reconnects by itself. */
export class Socket {
  queriesPerSecond: number | null = null;
  private socket: WebSocket | null = null;
  private ready = false;
  private attempt = 0;
  private silences = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private greeting: ReturnType<typeof setTimeout> | undefined;
  private readonly waiting = new Map<number, Waiting>();

  constructor(
    private readonly url: string,
    private readonly hooks: SocketHooks,
    private readonly open: (url: string) => WebSocket = (address) => new WebSocket(address),
  ) {}

  get isReady(): boolean {
    return this.ready;
  }

  /** Whether its last query was not answered. */
  get isDoubtful(): boolean {
    return this.silences > 0;
  }

  /** Connect now, ignoring the backoff; do nothing if a connection is open or being opened. */
  connect(): void {
    if (this.socket) return;
    clearTimeout(this.retry);
    try {
      this.socket = this.open(this.url);
    } catch {
      return this.comeBack();
    }
    const { socket } = this;
    this.greeting = setTimeout(() => this.drop(), ANSWER_MS);
    socket.onmessage = ({ data }) => this.receive(JSON.parse(String(data)) as SocketMessage);
    socket.onclose = () => this.lost(socket);
  }

  /** Close for good, until `connect`. */
  close(): void {
    clearTimeout(this.retry);
    clearTimeout(this.greeting);
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.setReady(false);
    this.rejectAll(new ConnectionLost("the socket was closed"));
  }

  ask({ seq, ...query }: Query): Promise<SearchBody> {
    return new Promise((resolve, reject) => {
      if (!this.socket || !this.ready) return reject(new ConnectionLost("the socket is not open"));
      const timer = setTimeout(() => this.fallSilent(), ANSWER_MS);
      this.waiting.set(seq, { resolve, reject, timer });
      this.socket.send(JSON.stringify({ type: "query", seq, ...query }));
    });
  }

  private receive(message: SocketMessage): void {
    if (message.type === "hello") {
      clearTimeout(this.greeting);
      this.attempt = 0;
      this.queriesPerSecond = message.limits?.queries_per_s ?? null;
      this.setReady(true);
    } else if (message.type === "results") {
      this.silences = 0;
      this.take(message.seq)?.resolve(message);
    } else if (message.type === "error") {
      const seqs = message.seq === null ? [...this.waiting.keys()] : [message.seq];
      seqs.forEach((seq) => this.take(seq)?.reject(new ProblemError(message.problem)));
    } else {
      this.hooks.onRelease();
    }
  }

  private take(seq: number): Waiting | undefined {
    const waiting = this.waiting.get(seq);
    this.waiting.delete(seq);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  /** A proxy may greet and then pass nothing on: the socket is opened again only after a while. */
  private fallSilent(): void {
    this.silences++;
    this.rejectAll(new NoAnswer());
    this.drop();
  }

  /** Treat a server that does not answer as lost. */
  private drop(): void {
    const { socket } = this;
    if (!socket) return;
    socket.close();
    this.lost(socket);
  }

  private lost(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = null;
    clearTimeout(this.greeting);
    this.setReady(false);
    this.rejectAll(new ConnectionLost("the socket closed"));
    this.comeBack();
  }

  private rejectAll(error: Error): void {
    [...this.waiting.keys()].forEach((seq) => this.take(seq)?.reject(error));
  }

  private comeBack(): void {
    if (this.silences >= MAX_SILENCES) return;
    const wait = this.silences > 0 ? AFTER_SILENCE_MS : backoffMs(this.attempt++);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private setReady(ready: boolean): void {
    if (this.ready === ready) return;
    this.ready = ready;
    this.hooks.onReady(ready);
  }
}
