import type { RemoteFeed } from "../../../shared/api/types";
import { number, t, tn } from "../../../shared/texts";
import { when } from "../../kit/figures";
import { countsOf, withdrawnText } from "../labels";

const EVERY: Readonly<Record<number, () => string>> = {
  1: () => t("Every hour"),
  6: () => t("Every 6 hours"),
  24: () => t("Every 24 hours"),
};

export function everyText(hours: number): string {
  return EVERY[hours]?.() ?? String(hours);
}

/** When the feed was fetched last, and what that brought. */
export function lastText(feed: RemoteFeed): string {
  if (feed.status === "running") return t("Being fetched…");
  if (feed.status === "importing") return feed.last_import?.dry_run ? t("Being checked…") : t("Being imported…");
  if (!feed.fetched_at) return t("Not yet");
  return `${when(feed.fetched_at)}: ${outcomeText(feed)}`;
}

function outcomeText(feed: RemoteFeed): string {
  if (feed.outcome === "unchanged") return t("unchanged, nothing imported");
  if (feed.outcome === "failed") return t("failed");
  if (feed.outcome === "imported" && feed.last_import) {
    const counts = countsOf(feed.last_import).filter(([, n]) => n > 0);
    return counts.map(([label, n]) => `${number(n)} ${label}`).join(", ") || t("no products");
  }
  return t("waits for you");
}

export function nextText(feed: RemoteFeed): string {
  if (feed.due_at) return when(feed.due_at);
  if (feed.status === "held") return t("After you have decided");
  return feed.active ? t("After this import") : t("Paused");
}

/** Why the feed waits for the operator, and what to do; null if it does not. */
export function heldText(feed: RemoteFeed): readonly [why: string, action: string] | null {
  if (feed.status !== "held") return null;
  if (feed.outcome === "withdrawal") {
    return [`${withdrawnText(feed.last_import?.withdrawn ?? 0)}. ${t("Nothing has been imported.")}`, t("Review")];
  }
  if (!feed.error) return [t("Confirm its columns and import it once; then it is imported by itself."), t("Confirm")];
  return [`${t("Its columns have changed:")} ${feed.error}. ${t("Nothing has been imported.")}`, t("Review")];
}

export function failuresText(n: number): string {
  return tn("Failed once", "Failed {n} times in a row", n, { n: number(n) });
}
