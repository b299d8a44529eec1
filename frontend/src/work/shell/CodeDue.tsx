import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../shared/texts";
import type { Item } from "./session/types";
import type { Work } from "./session/work";

/** Says that the code is earned, until it is requested or the worker chooses to go on. */
export function CodeDue<A extends Item>({ work }: { work: Work<A> }): JSX.Element | null {
  const [isDismissed, setDismissed] = useState(false);
  if (isDismissed) return null;
  return (
    <div class="notice work-due" role="status">
      <p>
        <strong>{t("You have earned the completion code.")}</strong> {t("You can get it now, or go on.")}
      </p>
      <button type="button" class="action action-main" onClick={() => work.leave()}>
        {t("Finish and get the code")}
      </button>
      <button type="button" class="action" onClick={() => setDismissed(true)}>
        {t("Go on")}
      </button>
    </div>
  );
}
