import type { JSX } from "preact";
import { ProblemText } from "../../shared/controls/ProblemText";
import { t } from "../../shared/texts";
import type { Trouble } from "../live/trouble";

/** Why the results are not updated, and what will happen. */
export function Notice({ trouble, onAgain }: { trouble: Trouble; onAgain: () => void }): JSX.Element {
  const again = (
    <button type="button" class="action" onClick={onAgain}>
      {t("Try again")}
    </button>
  );
  if (trouble.kind === "offline") {
    return (
      <div class="notice" role="status">
        <p>
          <strong>{t("No connection.")}</strong>{" "}
          {t("Keep drawing: your sketch is saved, and search resumes when you are back online.")}
        </p>
        {again}
      </div>
    );
  }
  if (trouble.kind === "silent") {
    return (
      <div class="notice" role="status">
        <p>
          <strong>{t("The server does not answer.")}</strong>{" "}
          {t("Keep drawing: your sketch is saved, and the search tries again by itself.")}
        </p>
        {again}
      </div>
    );
  }
  if (trouble.kind === "limited") {
    return (
      <div class="notice" role="status">
        <p>
          <strong>{t("Too many searches.")}</strong>{" "}
          {t("The next search starts in {n} s.", { n: Math.ceil(trouble.seconds) })}
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
