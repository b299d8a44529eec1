import type { JSX } from "preact";
import type { SearchBody } from "../../shared/api/client";
import { number, t } from "../strings";

/** The two stages and their times, for whoever wants to know; one quiet line until opened. */
export function Details({ body, isLive }: { body: SearchBody; isLive: boolean }): JSX.Element | null {
  const { timing_ms: timing, debug, release } = body;
  if (!timing) return null;
  const ms = (value: number) => `${number(value, 1)} ms`;
  const rows: [string, string][] = [
    [t("raster"), ms(timing.raster)],
    [t("encode"), ms(timing.encode)],
    [t("search"), ms(timing.search)],
    [t("total"), ms(timing.total)],
  ];
  if (debug) {
    rows.push(
      [t("hammingTime"), ms(debug.hamming_ms)],
      [t("rerank"), ms(debug.rerank_ms)],
      [t("shortlist"), t("shortlistOf", { n: number(debug.n_shortlist), total: number(debug.n_gallery) })],
      [t("code"), t("codeBits", { n: debug.code_length })],
    );
  }
  if (release)
    rows.push([t("release"), [release.model, release.precision].filter(Boolean).join(" · ") || String(release.id)]);
  rows.push([t("connection"), t(isLive ? "overSocket" : "overRest")]);
  return (
    <details class="timings">
      <summary>{t("details", { ms: number(timing.total, 0) })}</summary>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
