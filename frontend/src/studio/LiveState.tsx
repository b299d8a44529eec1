import type { JSX } from "preact";
import type { Connection } from "./kit/feed";
import { t } from "./strings";

const WORDS = { live: "live", polling: "polling", away: "notLive" } as const;

/** How fresh what one sees is. */
export function LiveState({ connection }: { connection: Connection }): JSX.Element {
  return (
    <span class={`live-state live-${connection}`} role="status">
      {t(WORDS[connection])}
    </span>
  );
}
