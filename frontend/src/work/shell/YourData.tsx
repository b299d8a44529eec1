import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, ConnectionLost, ProblemError } from "../../shared/api/client";
import type { Problem } from "../../shared/api/types";
import { ProblemText } from "../../shared/controls/ProblemText";
import { t } from "../../shared/texts";

/** What a worker can do with what is stored about them: export it, or erase their identity after a second question. */
export function YourData(): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const [trouble, setTrouble] = useState<Problem | "offline" | null>(null);
  const erase = () => {
    api("worker/erase/", {}).then(
      () => location.assign("/annotate/"),
      (error: unknown) => {
        if (error instanceof ProblemError) setTrouble(error.problem);
        else if (error instanceof ConnectionLost) setTrouble("offline");
        else throw error;
      },
    );
  };
  return (
    <details class="your-data">
      <summary>{t("Your data")}</summary>
      <p>
        <a class="link" href="/api/v1/worker/export/" download>
          {t("Download what is stored about me")}
        </a>
      </p>
      {isAsking ? (
        <div role="group" aria-label={t("Erase my data")}>
          <p>
            {t(
              "This removes your participant ID, your code and the link between you and your answers, in all campaigns, for good. Your answers stay, under a number. If you have not been paid yet, wait: afterwards nobody can tell which answers were yours. A keyed fingerprint of a panel’s participant ID stays, only to recognise repeated participation.",
            )}
          </p>
          <button type="button" class="action action-main" onClick={erase}>
            {t("Erase for good")}
          </button>{" "}
          <button type="button" class="action" onClick={() => setAsking(false)}>
            {t("Cancel")}
          </button>
        </div>
      ) : (
        <button type="button" class="link" onClick={() => setAsking(true)}>
          {t("Erase my data")}
        </button>
      )}
      {trouble && (
        <div class="notice notice-problem" role="alert">
          {trouble === "offline" ? <p>{t("No connection")}</p> : <ProblemText problem={trouble} />}
        </div>
      )}
    </details>
  );
}
