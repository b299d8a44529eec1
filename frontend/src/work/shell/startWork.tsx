import { render } from "preact";
import type { ComponentChildren } from "preact";
import type { Ended, Feedback, Receipt, WorkCampaign } from "../../shared/api/types";
import { readJson } from "../../shared/pageData";
import type { Shortcut } from "./HelpDialog";
import { callsOf, previewCalls, type Sample } from "./session/calls";
import { Outbox } from "./session/outbox";
import { participantOf } from "./session/panel";
import { newKey, pendingRequestStore } from "./session/pendingRequests";
import { Pictures } from "./session/pictures";
import { PrefetchQueue } from "./session/prefetchQueue";
import { sheetStore } from "./session/sheets";
import type { Item } from "./session/types";
import { Work } from "./session/work";
import { type ItemProps, WorkPage } from "./WorkPage";

/** The template's data for the script. */
interface PageData<A extends Item> {
  readonly campaign: WorkCampaign;
  /** This browser's worker has consented and may continue. */
  readonly joined: boolean;
  /** How their participation ended so far; null if they have not joined. */
  readonly ended: Ended | null;
  /** Where the panel awaits those who may not take part; empty without one. */
  readonly panel_url: string;
  /** Why they cannot join by this link, unless it is a personal one; empty if they can. */
  readonly refused: string;
  /** Samples for an operator's preview; null for workers. */
  readonly preview: readonly Sample<A>[] | null;
}

interface Kind<A extends Item> {
  readonly pictures: (item: A) => readonly string[];
  readonly shortcuts: () => readonly Shortcut[];
  readonly render: (props: ItemProps<A>) => ComponentChildren;
  readonly answerText?: (feedback: Feedback, work: Work<A>) => string;
  /** Items claimed ahead. */
  readonly ahead?: number;
}

/** Start the page of one kind of campaign in #work. */
export function startWork<A extends Item>(kind: Kind<A>): void {
  const root = document.getElementById("work");
  const data = readJson<PageData<A>>("page-data");
  if (!root || !data) return;
  const { campaign, preview } = data;
  const calls = preview ? previewCalls(campaign, preview) : callsOf<A>(campaign);
  const pictures = new Pictures();
  const store = pendingRequestStore(campaign.id, ...(preview ? [null] : []));
  const sheets = sheetStore(campaign.id, ...(preview ? [null] : []));
  const outbox = new Outbox<Partial<Receipt>>(store, calls.send, newKey);
  const prefetchQueue = new PrefetchQueue<A>(calls.next, (item) => pictures.warm(kind.pictures(item)), kind.ahead);
  const isPersonal = participantOf(location.hash) !== ""; // a personal link identifies its worker
  const isJoined = data.joined && !isPersonal;
  const work = new Work(campaign, outbox, prefetchQueue, calls, isJoined, data.ended, sheets);
  // A personal link opened on this page does not trigger a load by itself.
  addEventListener("hashchange", () => participantOf(location.hash) && location.reload());
  root.replaceChildren();
  render(
    <WorkPage
      work={work}
      isPreview={preview !== null}
      panelUrl={data.panel_url}
      refused={isPersonal ? "" : data.refused}
      shortcuts={kind.shortcuts()}
      render={kind.render}
      answerText={kind.answerText ?? (() => "")}
    />,
    root,
  );
}
