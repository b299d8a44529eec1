import type { JSX } from "preact";
import { t } from "./strings";
import type { Standing } from "./session/types";
import { Blank } from "./Welcome";

/** Why a worker cannot go on: too few training answers were right, or an operator stopped them. */
export function Stopped({ standing }: { standing: Standing }): JSX.Element {
  const { blocked, block_reason } = standing;
  return (
    <Blank
      title={blocked ? t("blockedTitle") : t("unqualifiedTitle")}
      text={blocked ? block_reason : t("unqualifiedText")}
    >
      <a class="action" href="/annotate/">
        {t("otherCampaigns")}
      </a>
    </Blank>
  );
}
