import type { JSX } from "preact";
import { t } from "../shared/texts";
import type { Connection } from "./kit/feed";

function connectionText(connection: Connection): string {
  return { live: t("live"), polling: t("refreshed every few seconds"), away: t("no connection") }[connection];
}

/** How current the page is. */
export function LiveState({ connection }: { connection: Connection }): JSX.Element {
  return (
    <span class={`live-state live-${connection}`} role="status">
      {connectionText(connection)}
    </span>
  );
}
