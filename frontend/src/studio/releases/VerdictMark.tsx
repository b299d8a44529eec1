import type { JSX } from "preact";
import { t } from "../strings";
import type { Gate } from "../wire";
import { verdictOf } from "./gate";

const LOOKS = {
  gateNone: "none",
  gateQueued: "queued",
  gateRunning: "running",
  gateBroken: "failed",
  gatePassed: "passed",
  gateBetter: "passed",
  gateNotWorse: "passed",
  gateFailed: "failed",
} as const;

export function VerdictMark({ gate }: { gate: Pick<Gate, "status" | "passed" | "better"> | null }): JSX.Element {
  const verdict = verdictOf(gate);
  return <span class={`status run-${LOOKS[verdict]}`}>{t(verdict)}</span>;
}
