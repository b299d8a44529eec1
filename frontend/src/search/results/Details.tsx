import type { JSX } from "preact";
import type { SearchBody } from "../../shared/api/types";
import { number, t } from "../../shared/texts";

/** The two stages and their times; one line until opened. */
export function Details({ body, isLive }: { body: SearchBody; isLive: boolean }): JSX.Element | null {
  const { timing_ms: timing, debug, release } = body;
  if (!timing) return null;
  const ms = (value: number) => `${number(value, 1)} ms`;
  const rows: [string, string][] = [
    [t("Rasterise"), ms(timing.raster)],
    [t("Encode"), ms(timing.encode)],
    [t("Search"), ms(timing.search)],
    [t("Total"), ms(timing.total)],
  ];
  if (debug) {
    rows.push(
      [t("Stage 1: hash codes"), ms(debug.hamming_ms)],
      [t("Stage 2: re-ranking"), ms(debug.rerank_ms)],
      [t("Shortlist"), t("{n} of {total}", { n: number(debug.n_shortlist), total: number(debug.n_gallery) })],
      [t("Code"), t("{n} bits", { n: debug.code_length })],
    );
  }
  if (release)
    rows.push([t("Release"), [release.model, release.precision].filter(Boolean).join(" · ") || String(release.id)]);
  rows.push([t("Connection"), isLive ? t("live (WebSocket)") : t("per request (HTTP)")]);
  return (
    <details class="timings">
      <summary>{t("Found in {ms} ms", { ms: number(timing.total, 0) })}</summary>
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
