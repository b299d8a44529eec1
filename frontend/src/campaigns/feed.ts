import { Emitter } from "../ink/emitter";
import { backoffMs } from "../shared/backoff";
import type { Progress } from "./wire";

export type Connection = "live" | "polling" | "away";

interface Deps {
  readonly url: string;
  readonly ask: () => Promise<Progress>;
  readonly open?: (url: string) => WebSocket;
  readonly pollMs?: number;
}

/** A campaign's progress as it changes: over the socket; while there is none, asked for now and then. */
export class Feed {
  readonly events = new Emitter<{ change: undefined }>();
  progress: Progress | null = null;
  connection: Connection = "away";
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isStopped = false;

  constructor(private readonly deps: Deps) {}

  async start(): Promise<void> {
    this.connect();
    await this.refresh();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  /** Asks for the figures now, as after a step of one's own. */
  async refresh(): Promise<void> {
    try {
      this.take(await this.deps.ask(), this.socket && this.connection === "live" ? "live" : "polling");
    } catch {
      if (this.connection !== "live") this.set("away");
    }
  }

  private connect(): void {
    try {
      const socket = (this.deps.open ?? ((url) => new WebSocket(url)))(this.deps.url);
      this.socket = socket;
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(String(data)) as { readonly type: string } & Progress;
        if (message.type !== "progress") return;
        this.attempt = 0;
        this.take(message, "live");
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
    this.timer = setTimeout(
      () => {
        this.connect();
        void this.refresh();
      },
      Math.max(this.deps.pollMs ?? 3_000, backoffMs(this.attempt++)),
    );
  }

  private take(progress: Progress, connection: Connection): void {
    this.progress = progress;
    this.set(connection);
  }

  private set(connection: Connection): void {
    this.connection = connection;
    this.events.emit("change", undefined);
  }
}
