import type { JSX } from "preact";
import type { Standing } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { Blank } from "./Welcome";

/** Why a worker cannot go on: too few training answers were right, or an operator stopped them. */
export function Stopped({ status }: { status: Standing }): JSX.Element {
  const { blocked, block_reason } = status;
  return (
    <Blank
      title={blocked ? t("You cannot continue in this campaign") : t("Thank you for trying")}
      text={
        blocked
          ? block_reason
          : t("Your practice score is too low for this campaign. You are welcome to try another one.")
      }
    >
      <a class="action" href="/annotate/">
        {t("Other campaigns")}
      </a>
    </Blank>
  );
}
