import { api } from "../../shared/api/client";
import type { Log, LogLine, MetricRow, Metrics, Run, RunFull, RunMessage, Series } from "../../shared/api/types";
import { Feed, socketUrl } from "../kit/feed";
import { merged } from "./curves/curves";

const POINTS = 600;
/** The number of log lines that the page keeps; the file has all of them. */
const MOST_LINES = 2_000;

interface Deps {
  readonly get?: <T>(path: string) => Promise<T>;
  readonly open?: (url: string) => WebSocket;
  readonly pollMs?: number;
  readonly url?: string;
}

/** A run in progress: its state, curves and log. What is already known is not fetched again. */
export class RunFeed extends Feed<RunMessage> {
  run: RunFull | null = null;
  series: Series = {};
  lines: readonly LogLine[] = [];
  private lastMetric = 0;
  private lastLine = -1;
  private readonly get: <T>(path: string) => Promise<T>;

  constructor(
    private readonly id: number,
    { get = api, url, ...deps }: Deps = {},
  ) {
    super({ ...deps, url: url ?? socketUrl(`/ws/runs/${id}/`) });
    this.get = get;
  }

  protected override async ask(): Promise<void> {
    const [run, metrics, log] = await Promise.all([
      this.get<RunFull>(`runs/${this.id}/`),
      this.get<Metrics>(
        `runs/${this.id}/metrics/?points=${POINTS}${this.lastMetric ? `&after=${this.lastMetric}` : ""}`,
      ),
      this.get<Log>(`runs/${this.id}/log/?after=${this.lastLine}`),
    ]);
    this.run = run;
    this.addMetrics(metrics.last_id, rowsOf(metrics.series));
    this.addLines(log.lines);
  }

  protected override hello(): object {
    return { type: "resume", after_metric: this.lastMetric, after_log: this.lastLine };
  }

  protected override take(message: RunMessage): boolean {
    if (message.type === "state") this.takeState(message.run);
    else if (message.type === "metrics") this.addMetrics(message.last_id, message.rows);
    else if (message.type === "log") this.addLines(message.lines);
    else return false;
    return true;
  }

  /** A finished run has models, pictures and figures that its state does not include. */
  private takeState(run: Run): void {
    const hasChanged = this.run?.status !== run.status;
    if (this.run) this.run = { ...this.run, ...run };
    if (hasChanged) void this.refresh();
  }

  private addMetrics(lastId: number, rows: readonly MetricRow[]): void {
    if (rows.length > 0) this.series = merged(this.series, rows);
    this.lastMetric = Math.max(this.lastMetric, lastId);
  }

  private addLines(lines: readonly LogLine[]): void {
    const fresh = lines.filter(({ number }) => number > this.lastLine);
    if (fresh.length === 0) return;
    this.lines = [...this.lines, ...fresh].slice(-MOST_LINES);
    this.lastLine = fresh[fresh.length - 1].number;
  }
}

function rowsOf(series: Series): MetricRow[] {
  return Object.entries(series).flatMap(([stage, { step, at, values }]) =>
    step.map((number, i) => ({
      stage,
      step: number,
      at: at[i],
      values: Object.fromEntries(Object.entries(values).map(([name, column]) => [name, column[i] ?? null])),
    })),
  );
}
