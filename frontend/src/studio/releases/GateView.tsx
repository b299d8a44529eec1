import type { JSX } from "preact";
import type { Gate, GateReport, Measured } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { decimal, percent, when } from "../kit/figures";
import { CanaryView } from "./CanaryView";
import { type Bar, barsOf, isUnderWay, type Place, verdictOf } from "./gate";
import { VerdictMark } from "./VerdictMark";

/** The gate's report: its rules first, then the measurements. */
export function GateView({ gate }: { gate: Gate | null }): JSX.Element {
  return (
    <section class="studio-section" aria-labelledby="gate-title">
      <header class="section-head">
        <h2 id="gate-title">{t("Gate")}</h2>
        {gate && (
          <span class="quiet">
            <VerdictMark gate={gate} /> {gate.finished_at && when(gate.finished_at)}
          </span>
        )}
      </header>
      {gate === null && <p class="notice">{t("Not yet compared with the live release.")}</p>}
      {isUnderWay(gate) && (
        <p class="notice">
          {t(
            "Both releases are answering the same held-out sketches and recent queries. This page updates automatically.",
          )}
        </p>
      )}
      {verdictOf(gate) === "gateNotWorse" && (
        <p class="notice">
          {t(
            "Not worse than the live release, but not significantly better. An operator can promote it; a rule does not.",
          )}
        </p>
      )}
      {gate?.status === "failed" && (
        <div class="failure" role="alert">
          <p class="failure-what" lang="en">
            {gate.error}
          </p>
          <p class="quiet">{t("The release itself is not at fault. Run the gate again once the cause is fixed.")}</p>
        </div>
      )}
      {gate && gate.reasons.length > 0 && (
        <ul class="reasons">
          {gate.reasons.map(({ code, ok, text }) => (
            <li key={text} class={ok ? "reason" : "reason reason-against"}>
              <strong>{ok ? t("For:") : t("Against:")}</strong> <span lang="en">{text}</span>
              <span class="visually-hidden" lang="en">
                {code}
              </span>
            </li>
          ))}
        </ul>
      )}
      {gate?.status === "done" && gate.report && <Report report={gate.report} against={gate.against} />}
    </section>
  );
}

function Report({ report, against }: { report: GateReport; against: number | null }): JSX.Element {
  const bars = barsOf(report.metrics);
  const { candidate: ours, live: theirs } = report.latency_ms;
  const ms = (figure: number | undefined) => (figure === undefined ? "–" : `${decimal(figure, 1)} ms`);
  return (
    <>
      <p class="quiet">
        {t(
          "Measured on {sketches} held-out sketches and {triplets} judged triplets, {random} of them sampled at random.",
          {
            sketches: number(report.split.n_sketches),
            triplets: number(report.split.n_triplets),
            random: number(report.split.n_random),
          },
        )}{" "}
        {against === null
          ? t("There was no live release to compare with.")
          : t("Compared with release {id}.", { id: against })}
        {report.split.n_clicks
          ? ` ${t("{n} weak triplets from clicks are measured apart (%clicks) and decide nothing.", { n: number(report.split.n_clicks) })}`
          : ""}
      </p>
      {bars.length > 0 && <Bars bars={bars} />}
      <dl class="run-facts">
        <div>
          <dt>{t("Query time, median")}</dt>
          <dd>{t("{candidate} (live: {live})", { candidate: ms(ours?.p50), live: ms(theirs?.p50) })}</dd>
        </div>
        <div>
          <dt>{t("Query time, 95th percentile")}</dt>
          <dd>{t("{candidate} (live: {live})", { candidate: ms(ours?.p95), live: ms(theirs?.p95) })}</dd>
        </div>
        <div>
          <dt>{t("Photos")}</dt>
          <dd>
            {t("{candidate} (live: {live})", {
              candidate: number(report.index.candidate.n_photos),
              live: report.index.live ? number(report.index.live.n_photos) : "–",
            })}
          </dd>
        </div>
        <div>
          <dt>{t("Unreadable photos")}</dt>
          <dd>{number(report.index.candidate.n_skipped)}</dd>
        </div>
      </dl>
      <CanaryView canary={report.canary} />
    </>
  );
}

function trendText(trend: Bar["trend"]): string {
  return { better: t("better"), worse: t("worse"), unclear: t("no significant difference") }[trend];
}

function Bars({ bars }: { bars: readonly Bar[] }): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={t("Metric")}>
      <table class="table studio-table gate-table">
        <thead>
          <tr>
            <th scope="col">{t("Metric")}</th>
            <th scope="col" aria-hidden="true">
              <span class="gate-key gate-key-candidate">{t("Candidate")}</span>{" "}
              <span class="gate-key gate-key-live">{t("Live")}</span>
            </th>
            <th scope="col" class="figure">
              {t("Candidate")}
            </th>
            <th scope="col" class="figure">
              {t("Live")}
            </th>
            <th scope="col" class="figure">
              {t("Difference")}
            </th>
            <th scope="col" class="figure">
              n
            </th>
          </tr>
        </thead>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.name}>
              <th scope="row">{bar.name}</th>
              <td>
                <svg class="gate-bars" viewBox="0 0 240 32" aria-hidden="true">
                  <Whisker place={bar.candidate} y={9} kind="candidate" />
                  {bar.live && <Whisker place={bar.live} y={23} kind="live" />}
                </svg>
              </td>
              <td class="figure">
                <Share figure={bar.metric.candidate} />
              </td>
              <td class="figure">{bar.metric.live ? <Share figure={bar.metric.live} /> : "–"}</td>
              <td class={`figure trend-${bar.trend}`}>
                {bar.metric.difference ? <Points figure={bar.metric.difference} /> : "–"}
                {bar.metric.difference && <small>{trendText(bar.trend)}</small>}
              </td>
              <td class="figure">{number(bar.n)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A value as a dot on its 95 % interval. */
function Whisker({ place, y, kind }: { place: Place; y: number; kind: "candidate" | "live" }): JSX.Element {
  const x = (share: number) => 4 + 232 * share;
  return (
    <g class={`whisker whisker-${kind}`}>
      <path d={`M${x(place.low)} ${y}H${x(place.high)}M${x(place.low)} ${y - 4}v8M${x(place.high)} ${y - 4}v8`} />
      <circle cx={x(place.value)} cy={y} r="4.5" />
    </g>
  );
}

function Share({ figure: { value, ci95 } }: { figure: Measured }): JSX.Element {
  return (
    <>
      {percent(value, 1)}
      {ci95 && <small>{t("{low} to {high}", { low: percent(ci95[0], 1), high: percent(ci95[1], 1) })}</small>}
    </>
  );
}

function Points({ figure: { value, ci95 } }: { figure: Measured }): JSX.Element {
  return (
    <>
      {t("{n} points", { n: signed(value) })}
      {ci95 && <small>{t("{low} to {high}", { low: signed(ci95[0]), high: signed(ci95[1]) })}</small>}
    </>
  );
}

/** Percentage points with their sign. */
function signed(share: number): string {
  return `${share > 0 ? "+" : share < 0 ? "−" : ""}${decimal(Math.abs(share) * 100, 1)}`;
}
