import type { ComponentChildren, JSX } from "preact";
import type { Problem } from "../../shared/api/types";
import { ProblemText } from "../../shared/controls/ProblemText";
import { t } from "../../shared/texts";
import type { Loaded } from "./hooks/load";

interface Props<T> {
  readonly state: Loaded<T>;
  readonly onAgain: () => void;
  readonly rows?: number;
  readonly children: (data: T) => ComponentChildren;
}

/** The loaded content, or in its place: a skeleton, a lost connection, or the server's error. */
export function Await<T>({ state, onAgain, rows = 3, children }: Props<T>): JSX.Element {
  if (state.kind === "ready") return <>{children(state.data)}</>;
  if (state.kind === "loading") return <Lines rows={rows} />;
  return <Trouble problem={state.kind === "problem" ? state.problem : null} onAgain={onAgain} />;
}

export function Trouble({ problem, onAgain }: { problem: Problem | null; onAgain: () => void }): JSX.Element {
  return (
    <div class={problem ? "notice notice-problem" : "notice"} role="alert">
      {problem ? (
        <ProblemText problem={problem} />
      ) : (
        <p>
          <strong>{t("No connection.")}</strong> {t("This page may be out of date.")}
        </p>
      )}
      <button type="button" class="action" onClick={onAgain}>
        {t("Try again")}
      </button>
    </div>
  );
}

function Lines({ rows }: { rows: number }): JSX.Element {
  return (
    <div class="lines" role="status" aria-busy="true">
      <span class="visually-hidden">{t("Loading…")}</span>
      {Array.from({ length: rows }, (_, i) => (
        <span class="line" key={i} />
      ))}
    </div>
  );
}
