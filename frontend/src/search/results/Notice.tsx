import type { JSX } from "preact";
import { ProblemText } from "../../shared/controls/ProblemText";
import { t } from "../../shared/texts";
import type { Trouble } from "../live/trouble";

interface Props {
  readonly trouble: Trouble;
  readonly isUpload?: boolean;
  readonly onAgain: () => void;
}

const REFUSED = 400;
const TOO_LARGE = 413;

/** Why the results are not updated, and what will happen. */
export function Notice({ trouble, isUpload = false, onAgain }: Props): JSX.Element {
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
  if (isUpload) {
    const { status, detail, title, errors = [] } = trouble.problem;
    const reason = status === TOO_LARGE ? t("The file is too large.") : (errors[0]?.message ?? detail ?? title);
    return (
      <div class="notice notice-problem" role="alert">
        <p>
          <strong>{t("This image cannot be searched:")}</strong> {reason}
        </p>
        {status !== REFUSED && status !== TOO_LARGE && again}
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
