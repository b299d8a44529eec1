import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../../shared/texts";
import { useChanges } from "../../../shared/useChanges";
import { Trouble } from "../../kit/States";
import { LiveState } from "../../LiveState";
import { Pictures } from "../../Pictures";
import { Curves } from "../curves/Curves";
import { RunFeed } from "../feed";
import { RunFacts } from "./Facts";
import { RunHead } from "./Head";
import { RunLog } from "./Log";
import { Machine } from "./Machine";
import { Settings } from "./Settings";

/** One run, live: progress, curves, machine, log, settings and pictures. */
export function RunPage({ id }: { id: number }): JSX.Element {
  const feed = useMemo(() => new RunFeed(id), [id]);
  useChanges((redraw) => [feed.events.on("change", redraw)], [feed]);
  useEffect(() => {
    void feed.start();
    return () => feed.stop();
  }, [feed]);
  const { run } = feed;
  return (
    <>
      <nav class="crumbs" aria-label={t("Runs")}>
        <a href="/studio/runs/">{t("Runs")}</a> <span aria-hidden="true">/</span> {id}
        <LiveState connection={feed.connection} />
      </nav>
      {run ? (
        <>
          <RunHead run={run} onDone={() => void feed.refresh()} />
          <RunFacts run={run} />
          <Curves series={feed.series} isOver={run.finished_at !== null} />
          <Machine series={feed.series} />
          <RunLog lines={feed.lines} />
          <Pictures pictures={run.pictures} />
          <Settings run={run} />
        </>
      ) : (
        <Waiting isAway={feed.hasFailed} onAgain={() => void feed.refresh()} />
      )}
    </>
  );
}

function Waiting({ isAway, onAgain }: { isAway: boolean; onAgain: () => void }): JSX.Element {
  if (isAway) return <Trouble problem={null} onAgain={onAgain} />;
  return (
    <div class="lines" role="status" aria-busy="true">
      <span class="visually-hidden">{t("Loading…")}</span>
      {[1, 2, 3, 4].map((line) => (
        <span class="line" key={line} />
      ))}
    </div>
  );
}
