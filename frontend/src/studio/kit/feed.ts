import { backoffMs } from "../../shared/api/backoff";
import { Emitter } from "../../shared/emitter";

export type Connection = "live" | "polling" | "away";

export interface FeedDeps {
  readonly url: string;
  readonly open?: (url: string) => WebSocket;
  readonly pollMs?: number;
}

/** What changes on the server, as it changes: over a socket; while there is none, asked for now and then. */
export abstract class Feed<Message extends { readonly type: string }> {
  readonly events = new Emitter<{ change: undefined }>();
  connection: Connection = "away";
  /** The last question got no answer. */
  hasFailed = false;
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;

  constructor(private readonly deps: FeedDeps) {}

  /** Asks the server for the state now, and keeps it. */
  protected abstract ask(): Promise<void>;
  /** Keeps what a message tells; false where it is none of ours. */
  protected abstract take(message: Message): boolean;
  /** What the server is told first, if anything. */
  protected hello(): object | null {
    return null;
  }

  /** Asks first: a socket is told what is known already, and tells the rest. */
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

  /** Asks for the state now, as after a step of one's own. */
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

/** The WebSocket address of `path` on this site. */
export function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}
