import type { JSX } from "preact";
import type { Standing } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { CodeTrouble, EndedCode } from "./EndedCode";
import type { Item } from "./session/types";
import type { Work } from "./session/work";
import { Blank } from "./Welcome";

interface Props<A extends Item> {
  readonly work: Work<A>;
  readonly status: Standing;
}

/** Why a worker cannot go on, too few training answers were right or an operator stopped them, and the way back. */
export function Stopped<A extends Item>({ work, status }: Props<A>): JSX.Element {
  const { blocked, block_reason } = status;
  const { ended, trouble } = work.earnings;
  return (
    <Blank
      title={blocked ? t("You cannot continue in this campaign") : t("Thank you for trying")}
      text={
        blocked
          ? block_reason
          : t("Your practice score is too low for this campaign. You are welcome to try another one.")
      }
    >
      {trouble && <CodeTrouble trouble={trouble} onAgain={() => work.endHere()} />}
      {ended && <EndedCode ended={ended} />}
      <a class="action" href="/annotate/">
        {t("Other campaigns")}
      </a>
    </Blank>
  );
}
