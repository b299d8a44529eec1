import type { Gate, LiveRelease, Queue, Release, Run, Worker } from "../../shared/api/types";
import { newestOf } from "../releases/gate";

/** What needs an operator's attention. */
export type Matter =
  | { readonly kind: "noLive" }
  | { readonly kind: "noTrainer"; readonly n: number }
  | { readonly kind: "candidate"; readonly release: number; readonly passed: boolean }
  | { readonly kind: "failedRun"; readonly run: Run };

/** A worker without a heartbeat for this long is considered gone; it sends one every few seconds. */
const SILENT_MS = 30_000;
/** How long a failure is shown. */
const NEWS_MS = 24 * 3600_000;

export interface State {
  readonly live: LiveRelease | null;
  readonly releases: readonly Release[];
  readonly gates: readonly Gate[];
  readonly failed: readonly Run[];
  readonly queue: Queue;
}

export function isAlive({ alive_at: at }: Pick<Worker, "alive_at">, now = Date.now()): boolean {
  return now - Date.parse(at) < SILENT_MS;
}

/** Most urgent first. Candidates are releases made after the live one that have a verdict. */
export function mattersOf({ live, releases, gates, failed, queue }: State, now = Date.now()): readonly Matter[] {
  const matters: Matter[] = [];
  if (live === null) matters.push({ kind: "noLive" });
  const waiting = queue.queues.find(({ name }) => name === "train")?.waiting ?? 0;
  const trainers = queue.workers.filter((worker) => worker.queues.includes("train") && isAlive(worker, now));
  if (waiting > 0 && trainers.length === 0) matters.push({ kind: "noTrainer", n: waiting });
  const newest = newestOf(gates);
  for (const { id } of releases) {
    const passed = newest.get(id)?.passed ?? null;
    if (id > (live?.id ?? 0) && passed !== null) matters.push({ kind: "candidate", release: id, passed });
  }
  for (const run of failed) {
    if (now - Date.parse(run.finished_at ?? run.created_at) < NEWS_MS) matters.push({ kind: "failedRun", run });
  }
  return matters;
}
