import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Canary, CanaryExample, CanaryHit } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { decimal, percent } from "../kit/figures";
import { moveOf } from "./gate";
import { sketchPath } from "./sketchPath";

/** Recent queries replayed on both releases: how much changes, with examples. */
export function CanaryView({ canary }: { canary: Canary }): JSX.Element {
  const { n, overlap_at_10: overlap, score_shift: shift } = canary;
  return (
    <>
      <h3 class="canary-title">{t("Recent queries, sent to both releases")}</h3>
      {n === 0 || !overlap ? (
        <p class="quiet none">{t("No queries recorded yet.")}</p>
      ) : (
        <>
          <p>
            {overlapText(n, overlap)}
            {shift && ` ${t("The top score changes by {shift}.", { shift: decimal(shift.value, 3) })}`}
          </p>
          <ol class="canaries">
            {canary.examples.map((example, i) => (
              <li key={i}>
                <Example example={example} />
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

function overlapText(n: number, { value, ci95 }: NonNullable<Canary["overlap_at_10"]>): string {
  const values = { n: number(n), share: percent(value) };
  if (!ci95) return t("Over {n} queries, {share} of the top 10 results are unchanged.", values);
  return t("Over {n} queries, {share} of the top 10 results are unchanged ({low} to {high}).", {
    ...values,
    low: percent(ci95[0]),
    high: percent(ci95[1]),
  });
}

function Example({ example }: { example: CanaryExample }): JSX.Element {
  const { sketch, live, candidate } = example;
  const path = useMemo(() => sketchPath(sketch), [sketch]);
  return (
    <article class="canary">
      <figure>
        <svg viewBox={`0 0 ${sketch.width} ${sketch.height}`} role="img" aria-label={t("The sketch")}>
          <path d={path} />
        </svg>
        <figcaption>{t("{n} of 10 unchanged", { n: number(Math.round(example.overlap * 10)) })}</figcaption>
      </figure>
      <div class="canary-rows" tabIndex={0} role="group" aria-label={t("Answers")}>
        <Answer title={t("Live")} hits={live} before={candidate} />
        <Answer title={t("Candidate")} hits={candidate} before={live} isNew />
      </div>
    </article>
  );
}

interface AnswerProps {
  readonly title: string;
  readonly hits: readonly CanaryHit[];
  readonly before: readonly CanaryHit[];
  /** Whether to show how products moved. */
  readonly isNew?: boolean;
}

function Answer({ title, hits, before, isNew = false }: AnswerProps): JSX.Element {
  return (
    <div class="canary-row">
      <span>{title}</span>
      <ol>
        {hits.map((hit, place) => {
          const move = moveOf(hit, place, before);
          const { product } = hit;
          if (product === null)
            return <li key={place} class="hit hit-gone" title={t("This product no longer exists.")} />;
          return (
            <li key={product.id} class={move === null ? "hit hit-only" : "hit"}>
              <a href={product.url} title={product.name}>
                <span class="plate">
                  <img src={product.thumb_url ?? product.photo_url} alt={product.name} loading="lazy" />
                </span>
              </a>
              {isNew && <small>{moveWords(move)}</small>}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function moveWords(move: number | null): string {
  if (move === null) return t("new");
  return move === 0 ? "=" : `${move > 0 ? "↑" : "↓"} ${number(Math.abs(move))}`;
}
