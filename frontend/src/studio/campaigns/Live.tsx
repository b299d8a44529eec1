import type { JSX } from "preact";
import type { Progress } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { decimal, when } from "../kit/figures";
import { Meter } from "../kit/Meter";
import { Trouble } from "../kit/States";
import { Cap } from "./Cap";
import type { ProgressFeed } from "./feed";
import { curve, money } from "./figures";

const CHART = { width: 600, height: 80 } as const;

/** The live figures of a campaign. */
export function Live({ id, feed }: { id: number; feed: ProgressFeed }): JSX.Element {
  const { progress, connection } = feed;
  if (!progress && connection === "away") return <Trouble problem={null} onAgain={() => void feed.refresh()} />;
  const state = { live: t("live"), polling: t("refreshed every few seconds"), away: t("no connection") }[connection];
  return (
    <section class="live" aria-labelledby="live-title" aria-busy={!progress}>
      <header class="live-head">
        <h2 id="live-title">{t("Progress")}</h2>
        <span class={`live-state live-${connection}`} role="status">
          {state}
        </span>
      </header>
      {progress && <Figures progress={progress} />}
      {progress && progress.n_sketches > 0 && (
        <p class="quiet">
          <a href={`/api/v1/campaigns/${id}/orders/`} download>
            {t("Orders of candidates (CSV)")}
          </a>{" "}
          {t("Every pair is ordered, those that nobody was asked by inference.")}
        </p>
      )}
    </section>
  );
}

function Figures({ progress: p }: { progress: Progress }): JSX.Element {
  const isOver = p.n_tasks > 0 && p.n_decided + p.n_exhausted >= p.n_tasks && p.n_settled >= p.n_sketches;
  const figures: (readonly [label: string, value: string, note?: string])[] = [
    [t("Answers per minute"), decimal(p.votes_per_minute, 1)],
    [t("Cost per decision"), money(p.cost_per_decided, p.currency || "EUR")],
    [t("Agreement (α)"), decimal(p.agreement, 2), t("Krippendorff’s alpha: 1 is full agreement, 0 is chance")],
    [t("Completion"), isOver ? t("done") : forecast(p)],
    [t("Active workers"), t("{n} of {total}", { n: number(p.active_workers), total: number(p.n_workers) })],
    [t("Answers"), t("{n} of {total} count", { n: number(p.n_counted), total: number(p.n_votes) })],
    [t("No majority"), number(p.n_exhausted)],
    ...(p.n_sketches > 0
      ? ([
          [
            t("Sketches in order"),
            t("{n} of {total}", { n: number(p.n_settled), total: number(p.n_sketches) }),
            t("The others get further pairs as answers arrive."),
          ],
        ] as const)
      : []),
  ];
  const path = curve(p.history, CHART.width, CHART.height);
  return (
    <>
      <Cap progress={p} />
      <div class="live-decided">
        <span>{t("Decided")}</span> <Meter value={p.n_decided} max={p.n_tasks} />
      </div>
      <dl class="live-figures">
        {figures.map(([label, value, note]) => (
          <div key={label}>
            <dt title={note}>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {path && (
        <figure class="live-chart">
          <svg viewBox={`0 -2 ${CHART.width} ${CHART.height + 4}`} preserveAspectRatio="none" aria-hidden="true">
            <path d={path} />
          </svg>
          <figcaption>
            {t("Counted answers over time; maximum {n}", {
              n: number(Math.max(...p.history.map(([, votes]) => votes))),
            })}
          </figcaption>
        </figure>
      )}
    </>
  );
}

function forecast({ forecast_at, active_workers }: Progress): string {
  if (forecast_at) return when(forecast_at);
  return active_workers === 0 ? t("nobody is working") : t("not yet known");
}
