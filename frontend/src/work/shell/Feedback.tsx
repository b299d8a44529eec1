import type { JSX } from "preact";
import type { Feedback as Judged } from "../../shared/api/types";
import { Icon } from "../../shared/controls/icons";
import { t } from "../../shared/texts";
import { MainButton } from "./MainButton";

interface Props {
  readonly feedback: Judged;
  /** The right answer, in words. */
  readonly answer: string;
  readonly onDone: () => void;
}

/** Whether a training answer was right, and why; the pictures stay above. */
export function Feedback({ feedback, answer, onDone }: Props): JSX.Element {
  return (
    <div class={feedback.right ? "feedback feedback-good" : "feedback"} role="status">
      <p>
        <strong>
          <Icon name={feedback.right ? "check" : "why"} /> {feedback.right ? t("Correct.") : t("Not quite.")}
        </strong>{" "}
        {!feedback.right && answer && <>{t("Correct answer: {answer}.", { answer })} </>}
        {feedback.explanation}
      </p>
      <MainButton onClick={onDone}>{t("Continue")}</MainButton>
    </div>
  );
}
