import type { JSX } from "preact";
import { ProblemText } from "../../shared/controls/ProblemText";
import { t } from "../strings";
import type { Trouble } from "../live/trouble";

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
