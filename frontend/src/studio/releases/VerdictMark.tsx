import type { JSX } from "preact";
import type { Gate } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { type Verdict, verdictOf } from "./gate";

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

export function verdictText(verdict: Verdict): string {
  return {
    gateNone: t("gate not run"),
    gateQueued: t("waiting for the gate"),
    gateRunning: t("gate running"),
    gateBroken: t("gate error"),
    gatePassed: t("passed the gate"),
    gateBetter: t("passed the gate: better"),
    gateNotWorse: t("passed the gate: not worse"),
    gateFailed: t("refused by the gate"),
  }[verdict];
}

export function VerdictMark({ gate }: { gate: Pick<Gate, "status" | "passed" | "better"> | null }): JSX.Element {
  const verdict = verdictOf(gate);
  return <span class={`status run-${LOOKS[verdict]}`}>{verdictText(verdict)}</span>;
}
