import "../shared/styles/dialog.css";
import "./kit/studio.css";
import "./kit/tables.css";
import "./kit/states.css";
import "./kit/live.css";
import "./kit/forms.css";
import "./studio.css";
import "./charts/charts.css";
import "./runs/runs.css";
import "./releases/releases.css";
import "./lineage/lineage.css";
import "./words/words.css";
import "./imports/imports.css";
import "./insights/insights.css";
import "./sets/sets.css";
import "./sites/sites.css";
import { render } from "preact";
import type { JSX } from "preact";
import { readJson } from "../shared/pageData";
import { ImportList } from "./imports/ImportList";
import { ImportPage } from "./imports/ImportPage";
import { Insights } from "./insights/Insights";
import { VotePage } from "./lineage/VotePage";
import { ModelList } from "./models/ModelList";
import { ModelPage } from "./models/ModelPage";
import { Overview } from "./overview/Overview";
import { QueuePage } from "./overview/QueuePage";
import { ReleasePage } from "./releases/ReleasePage";
import { Releases } from "./releases/Releases";
import { Compare } from "./runs/compare/Compare";
import { RunForm } from "./runs/form/RunForm";
import { Rules } from "./runs/rules/Rules";
import { RunPage } from "./runs/page/RunPage";
import { RunList } from "./runs/RunList";
import { SetList } from "./sets/SetList";
import { SetPage } from "./sets/SetPage";
import { Sites } from "./sites/Sites";
import { Words } from "./words/Words";

/** The template's data for the script. */
interface PageData {
  readonly page: keyof typeof PAGES;
  readonly id?: number | string;
}

const PAGES = {
  overview: () => <Overview />,
  runs: () => <RunList />,
  "run-new": () => <RunForm like={asked("like")[0] ?? null} snapshot={asked("snapshot")[0] ?? null} />,
  run: (id: number) => <RunPage id={id} />,
  compare: () => <Compare asked={asked("ids")} />,
  rules: () => <Rules />,
  models: () => <ModelList />,
  model: (id: number) => <ModelPage id={id} />,
  releases: () => <Releases />,
  release: (id: number) => <ReleasePage id={id} />,
  words: () => <Words />,
  imports: () => <ImportList />,
  import: (_, key) => <ImportPage id={key} />,
  insights: () => <Insights />,
  sets: () => <SetList />,
  set: (id: number) => <SetPage id={id} />,
  sites: () => <Sites />,
  queue: () => <QueuePage />,
  vote: (id: number) => <VotePage id={id} />,
} satisfies Record<string, (id: number, key: string) => JSX.Element>;

/** The comma-separated numbers in the URL parameter of that name. */
function asked(name: string): number[] {
  const text = new URLSearchParams(location.search).get(name) ?? "";
  return text.split(",").map(Number).filter(Number.isSafeInteger).filter(Boolean);
}

const root = document.getElementById("studio");
const data = readJson<PageData>("page-data");
if (root && data) {
  root.replaceChildren();
  render(PAGES[data.page](Number(data.id ?? 0), String(data.id ?? "")), root);
}
