import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Ended, Problem } from "../../shared/api/types";
import { ProblemText } from "../../shared/controls/ProblemText";
import { t } from "../../shared/texts";
import { money } from "./pay";

/** An ending: its code, what it pays, and the way back to the panel. */
export function EndedCode({ ended }: { ended: Ended }): JSX.Element | null {
  const [isCopied, setCopied] = useState(false);
  const { ending, completion_code: code, completion_url: url, pay, currency } = ended;
  if (!code && !url && pay === null) return null;
  const title = {
    finished: t("Completion code"),
    screened_out: t("Back to the panel"),
    ended_early: t("You ended the study early"),
    blocked: t("Back to the panel"),
    "": "",
  }[ending];
  return (
    <section class="code" aria-labelledby="code-title">
      <h2 id="code-title">{title}</h2>
      {code && (
        <p class="code-row">
          {ending !== "finished" && <span class="quiet">{t("Code")}</span>}
          <output class="code-value">{code}</output>
          <button
            type="button"
            class={url ? "action" : "action action-main"}
            onClick={() => void navigator.clipboard?.writeText(code).then(() => setCopied(true))}
          >
            {isCopied ? t("Copied") : t("Copy")}
          </button>
        </p>
      )}
      {pay !== null && <p>{t("Pay: {amount}", { amount: money(Number(pay), currency) })}</p>}
      {code && <p class="quiet">{t("Enter this code on the panel’s site.")}</p>}
      {url && (
        <a class="action action-main" href={url}>
          {t("Return to the panel")}
        </a>
      )}
    </section>
  );
}

interface TroubleProps {
  readonly trouble: Problem | "offline";
  readonly onAgain: () => void;
}

/** The code could not be requested; it is not lost. */
export function CodeTrouble({ trouble, onAgain }: TroubleProps): JSX.Element {
  return (
    <div class="notice notice-problem work-sending" role="alert">
      <p>{t("The code could not be loaded yet. It is not lost.")}</p>
      {trouble !== "offline" && <ProblemText problem={trouble} />}
      <button type="button" class="action" onClick={onAgain}>
        {t("Try again")}
      </button>
    </div>
  );
}
