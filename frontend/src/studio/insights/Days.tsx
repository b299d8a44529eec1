import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Insights } from "../../shared/api/types";
import { language, t } from "../../shared/texts";
import { Chart } from "../charts/Chart";

const DAY_MS = 86_400_000;

/** The period's curves: searches, share with a click, mean rank. */
export function Days({ days }: { days: Insights["days"] }): JSX.Element {
  const lines = useMemo(() => {
    const xs = days.map(({ day }) => Date.parse(day) / DAY_MS);
    const line = (label: string, ys: (number | null)[]) => ({ label, xs, ys });
    const share = ({ searches, with_click: clicked }: Insights["days"][number]) =>
      searches ? (100 * clicked) / searches : null;
    return {
      counts: [
        line(
          t("all"),
          days.map((row) => row.searches),
        ),
        line(
          t("with an opened product"),
          days.map((row) => row.with_click),
        ),
      ],
      share: [line(t("percent"), days.map(share))],
      rank: [
        line(
          t("rank"),
          days.map((row) => row.mean_rank),
        ),
      ],
    };
  }, [days]);
  const axis = { xWords: date, xValues: date, sync: "insights" };
  return (
    <div class="charts insights-charts">
      <Chart title={t("Searches per day")} lines={lines.counts} {...axis} />
      <Chart title={t("Searches with an opened product")} lines={lines.share} {...axis} />
      <Chart title={t("Mean rank of what is opened")} lines={lines.rank} {...axis} />
    </div>
  );
}

/** A day by its number since 1970, in UTC like the figures. */
function date(day: number): string {
  const format = { day: "numeric", month: "short", timeZone: "UTC" } as const;
  return new Date(day * DAY_MS).toLocaleDateString(language(), format);
}
