import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Category, Example, Hit } from "../../shared/api/types";
import { Icon } from "../../shared/controls/icons";
import { number, t, tn } from "../../shared/texts";
import { ConsentNotice } from "../clicks/ConsentNotice";
import type { ClickRecorder } from "../clicks/recorder";
import type { Finder } from "../live/finder";
import { RESULTS_WANTED } from "../live/query";
import { isLost } from "../live/trouble";
import { Details } from "./Details";
import { Examples } from "./Examples";
import { useFlip } from "./hooks";
import { Notice } from "./Notice";
import { Recognised } from "./Recognised";
import { EmptyCard, ResultCard } from "./ResultCard";
import { Words } from "./Words";

interface Props {
  readonly finder: Finder;
  readonly categories: readonly Category[];
  /** Examples of words that narrow results. */
  readonly words: readonly string[];
  readonly hasInk: boolean;
  readonly onWhy: (hit: Hit) => void;
  readonly onExample: (example: Example) => void;
  readonly recorder: ClickRecorder;
}

/** The results: query, status and grid. The layout does not move while results change. */
export function Results({ finder, categories, words, hasInk, onWhy, onExample, recorder }: Props): JSX.Element {
  const grid = useRef<HTMLUListElement>(null);
  const { body, aside, trouble } = finder;
  useFlip(grid, body);
  const hits = body?.results ?? [];
  const isIdle = !aside && !hasInk;
  return (
    <section class="results" aria-label={t("Search")} aria-busy={finder.searching}>
      <div class="results-fields">
        {!aside && <Words finder={finder} examples={words} />}
        <label class="filter">
          <span class="visually-hidden">{t("Category")}</span>
          <select
            class="field"
            value={finder.filters.category ?? ""}
            onChange={({ currentTarget }) => finder.narrow({ category: currentTarget.value || null })}
          >
            <option value="">{t("All categories")}</option>
            {categories.map(({ slug, name, count, depth }) => (
              <option key={slug} value={slug}>
                {"\u2003".repeat(depth)}
                {count === undefined ? name : `${name} (${number(count)})`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Heading finder={finder} hasInk={hasInk} />
      <Recognised finder={finder} hasInk={hasInk} />
      {isIdle ? (
        <div class="empty">
          {finder.filters.text && <WordsAlone text={finder.filters.text} />}
          <p>{t("Products appear here as you draw. A few lines are enough. You can also paste or drop an image.")}</p>
          <Examples onPick={onExample} />
        </div>
      ) : (
        <>
          <ul ref={grid} class={body?.nothing_close ? "grid grid-doubtful" : "grid"}>
            {hits.map((hit) => (
              <ResultCard
                key={hit.product.id}
                hit={hit}
                onWhy={hasInk && aside?.kind !== "similar" ? onWhy : null}
                onSimilar={(product) => void finder.similarTo(product)}
                onOpen={(opened) => recorder.open(opened)}
              />
            ))}
            {!body && !trouble && Array.from({ length: RESULTS_WANTED }, (_, i) => <EmptyCard key={`empty-${i}`} />)}
          </ul>
          {body && <ConsentNotice recorder={recorder} />}
          {body && <Details body={body} isLive={finder.isLive && !aside} />}
        </>
      )}
      {trouble && (
        <div class="dock">
          <Notice trouble={trouble} isUpload={aside?.kind === "image"} onAgain={() => finder.again()} />
        </div>
      )}
    </section>
  );
}

/** Words without a drawing: what they will do, and where words alone are searched. */
function WordsAlone({ text }: { text: string }): JSX.Element {
  return (
    <p>
      {t("Now draw something: the words narrow the results of a drawing.")}{" "}
      <a href={`/browse/?q=${encodeURIComponent(text)}`}>{t("Browse for “{text}”", { text })}</a>
    </p>
  );
}

/** A summary of the grid. */
function Heading({ finder, hasInk }: { finder: Finder; hasInk: boolean }): JSX.Element {
  const { aside, body } = finder;
  if (aside) return <AsideHeading finder={finder} />;
  if (!hasInk) return <h2 class="results-line">{t("Draw it, find it")}</h2>;
  if (!body) {
    return <p class="results-line quiet">{isLost(finder.trouble) ? t("No results yet.") : t("Searching…")}</p>;
  }
  if (body.results.length === 0) return <p class="results-line">{t("No products found.")}</p>;
  if (body.text_matches === 0) {
    return <p class="results-line">{t("No product matches these words; showing results for the drawing alone.")}</p>;
  }
  if (body.nothing_close) {
    return (
      <p class="results-line doubt">
        <strong>{t("No close match.")}</strong>{" "}
        <span>{t("These are the closest products; more detail may help.")}</span>
      </p>
    );
  }
  const count = tn("1 product", "{n} closest products", body.results.length);
  const matches = body.text_matches ?? null;
  return (
    <p class="results-line quiet">
      {matches === null ? count : tn("1 product matches the words.", "{n} products match the words.", matches)}
    </p>
  );
}

function AsideHeading({ finder }: { finder: Finder }): JSX.Element | null {
  const { aside, body } = finder;
  if (!aside) return null;
  const back = (
    <button
      type="button"
      class="mini"
      aria-label={t("Back to the results for the drawing")}
      title={t("Back to the results for the drawing")}
      onClick={() => finder.leaveAside()}
    >
      <Icon name="close" />
    </button>
  );
  if (aside.kind === "similar") {
    return (
      <p class="results-line aside">
        <img src={aside.product.thumb_url ?? aside.product.photo_url} alt="" width={40} height={40} />
        <span>{t("Similar to {name}", { name: aside.product.name })}</span>
        {back}
      </p>
    );
  }
  const isSketch = aside.mode === "sketch";
  return (
    <p class="results-line aside">
      <img
        key={aside.preview}
        src={aside.preview}
        alt=""
        width={40}
        height={40}
        onError={({ currentTarget }) => (currentTarget.hidden = true)}
      />
      <span>
        {finder.trouble
          ? t("Your image")
          : aside.mode === "auto"
            ? t("Searching…")
            : isSketch
              ? t("Your image, traced as a sketch.")
              : t("Searching by photo.")}
        {body?.nothing_close && <strong> {t("No close match.")}</strong>}{" "}
        {aside.mode !== "auto" && (
          <button
            type="button"
            class="link"
            onClick={() => void finder.searchImage(aside.image, isSketch ? "photo" : "sketch")}
          >
            {isSketch ? t("This is a photo") : t("This is a sketch")}
          </button>
        )}
      </span>
      {back}
    </p>
  );
}
