import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { number } from "../../shared/words";
import { decimal, percent } from "../kit/figures";
import { t } from "../strings";
import type { Canary, CanaryExample, CanaryHit } from "../wire";
import { moveOf } from "./gate";
import { sketchPath } from "./sketchPath";

/** Recent queries asked of both: how much changes, and what that looks like. */
export function CanaryView({ canary }: { canary: Canary }): JSX.Element {
  const { n, overlap_at_10: overlap, score_shift: shift } = canary;
  return (
    <>
      <h3 class="canary-title">{t("canary")}</h3>
      {n === 0 || !overlap ? (
        <p class="quiet none">{t("canaryNone")}</p>
      ) : (
        <>
          <p>
            {t("canaryText", { n: number(n), share: percent(overlap.value) })}{" "}
            {overlap.ci95 && t("fromTo", { low: percent(overlap.ci95[0]), high: percent(overlap.ci95[1]) })}
            {shift && <> · {t("scoreShift", { shift: decimal(shift.value, 3) })}</>}
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

function Example({ example }: { example: CanaryExample }): JSX.Element {
  const { sketch, live, candidate } = example;
  const path = useMemo(() => sketchPath(sketch), [sketch]);
  return (
    <article class="canary">
      <figure>
        <svg viewBox={`0 0 ${sketch.width} ${sketch.height}`} role="img" aria-label={t("sketch")}>
          <path d={path} />
        </svg>
        <figcaption>{t("sameOf10", { n: number(Math.round(example.overlap * 10)) })}</figcaption>
      </figure>
      <div class="canary-rows" tabIndex={0} role="group" aria-label={t("answers")}>
        <Answer title={t("liveOne")} hits={live} before={candidate} />
        <Answer title={t("candidate")} hits={candidate} before={live} isNew />
      </div>
    </article>
  );
}

interface AnswerProps {
  readonly title: string;
  readonly hits: readonly CanaryHit[];
  readonly before: readonly CanaryHit[];
  /** Whether moves are told here. */
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
          if (product === null) return <li key={place} class="hit hit-gone" title={t("productGone")} />;
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
  if (move === null) return t("newcomer");
  return move === 0 ? "=" : `${move > 0 ? "↑" : "↓"} ${number(Math.abs(move))}`;
}
