import type { JSX } from "preact";
import type { Problem } from "../shared/api";
import { t } from "./strings";
import type { Trouble } from "./trouble";

/** Why the results stand still, and what will happen. */
export function Notice({ trouble, onAgain }: { trouble: Trouble; onAgain: () => void }): JSX.Element {
  const again = (
    <button type="button" class="action" onClick={onAgain}>
      {t("tryAgain")}
    </button>
  );
  if (trouble.kind === "offline") {
    return (
      <div class="notice" role="status">
        <p>
          <strong>{t("offlineTitle")}</strong> {t("offlineText")}
        </p>
        {again}
      </div>
    );
  }
  if (trouble.kind === "limited") {
    return (
      <div class="notice" role="status">
        <p>
          <strong>{t("limitedTitle")}</strong> {t("limitedText", { n: Math.ceil(trouble.seconds) })}
        </p>
      </div>
    );
  }
  return (
    <div class="notice notice-problem" role="alert">
      <ProblemText problem={trouble.problem} />
      {again}
    </div>
  );
}

/** A problem+json as the server wrote it, with the field it is about. */
export function ProblemText({ problem }: { problem: Problem }): JSX.Element {
  const { title, detail, field, errors = [] } = problem;
  const parts = errors.length > 0 ? errors : field ? [{ field, message: "" }] : [];
  return (
    <div>
      <p>
        <strong>{t("problemTitle")}</strong> {detail ?? title}
      </p>
      {parts.map((part) => (
        <p class="notice-field" key={part.field}>
          {t("field")} <code>{part.field}</code>
          {part.message && part.message !== detail && ` ${part.message}`}
        </p>
      ))}
    </div>
  );
}
