import { backoffMs } from "../../shared/api/backoff";
import { Emitter } from "../../shared/emitter";

export type Connection = "live" | "polling" | "away";

export interface FeedDeps {
  readonly url: string;
  readonly open?: (url: string) => WebSocket;
  readonly pollMs?: number;
}

/** Live state from the server: over a socket, or by polling while there is none. */
export abstract class Feed<Message extends { readonly type: string }> {
  readonly events = new Emitter<{ change: undefined }>();
  connection: Connection = "away";
  /** The last request got no answer. */
  hasFailed = false;
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;

  constructor(private readonly deps: FeedDeps) {}

  /** Fetch the state from the server now, and store it. */
  protected abstract ask(): Promise<void>;
  /** Apply a message; return false if it is not for this feed. */
  protected abstract take(message: Message): boolean;
  /** The first message to the server, if any. */
  protected hello(): object | null {
    return null;
  }

  /** Fetch first: the socket then gets what is already known, and sends the rest. */
  async start(): Promise<void> {
    await this.refresh();
    if (this.isStopped) return;
    if (this.connection === "away") this.later();
    else this.connect();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Fetch the state now, such as after an action. */
  async refresh(): Promise<void> {
    try {
      await this.ask();
      this.hasFailed = false;
      this.set(this.connection === "live" ? "live" : "polling");
    } catch {
      this.hasFailed = true;
      if (this.connection !== "live") this.set("away");
    }
  }

  private connect(): void {
    try {
      const socket = (this.deps.open ?? ((url) => new WebSocket(url)))(this.deps.url);
      this.socket = socket;
      socket.onopen = () => {
        const hello = this.hello();
        if (hello) socket.send(JSON.stringify(hello));
      };
      socket.onmessage = ({ data }) => {
        if (this.isStopped || !this.take(JSON.parse(String(data)) as Message)) return;
        this.attempt = 0;
        this.set("live");
      };
      socket.onclose = () => this.lost();
    } catch {
      this.lost();
    }
  }

  private lost(): void {
    this.socket = null;
    if (this.isStopped) return;
    if (this.connection === "live") this.set("polling");
    this.later();
  }

  private later(): void {
    const wait = Math.max(this.deps.pollMs ?? 3_000, backoffMs(this.attempt++));
    this.timer = setTimeout(() => void this.start(), wait);
  }

  private set(connection: Connection): void {
    this.connection = connection;
    this.events.emit("change", undefined);
  }
}

/** The WebSocket URL of `path` on this site. */
export function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}
