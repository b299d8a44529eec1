import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Campaign, Category, Progress } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { useChanges } from "../../shared/useChanges";
import { socketUrl } from "../kit/feed";
import { useLoad } from "../kit/hooks/load";
import { Await } from "../kit/States";
import { Audit } from "./audit/Audit";
import { Consent } from "./Consent";
import { Copies } from "./Copies";
import { Attributes } from "./data/Attributes";
import { Exports } from "./data/Exports";
import { Snapshot } from "./data/Snapshot";
import { Disputes } from "./disputes/Disputes";
import { ProgressFeed } from "./feed";
import { kindText } from "./labels";
import { Links } from "./Links";
import { StatusMark } from "./List";
import { Live } from "./Live";
import { Steps } from "./Steps";
import { AddTasks } from "./tasks/AddTasks";
import { TaskList } from "./tasks/TaskList";
import { Workers } from "./Workers";

const PAGES = { triplets: "annotate", attributes: "attributes", sketches: "collect" } as const;

interface DetailProps {
  readonly id: number;
  readonly categories: readonly Category[];
}

/** One campaign: actions, live figures, disputes and workers. */
export function Detail({ id, categories }: DetailProps): JSX.Element {
  const [state, again] = useLoad(() => api<Campaign>(`campaigns/${id}/`));
  return (
    <Await state={state} onAgain={again} rows={6}>
      {(campaign) => <Whole campaign={campaign} categories={categories} onChange={again} />}
    </Await>
  );
}

interface WholeProps {
  readonly campaign: Campaign;
  readonly categories: readonly Category[];
  readonly onChange: () => void;
}

function Whole({ campaign, categories, onChange }: WholeProps): JSX.Element {
  const { id, kind, slug } = campaign;
  const feed = useMemo(() => {
    const ask = () => api<Progress>(`campaigns/${id}/progress/`);
    return new ProgressFeed({ url: socketUrl(`/ws/campaigns/${id}/`), ask });
  }, [id]);
  useEffect(() => {
    void feed.start();
    return () => feed.stop();
  }, [feed]);
  useChanges((redraw) => [feed.events.on("change", redraw)], [feed]);
  const status = feed.progress?.status ?? campaign.status;
  const path = `/${PAGES[kind]}/${slug}/`;
  return (
    <>
      <nav class="crumbs" aria-label={t("Campaigns")}>
        <a href="/studio/campaigns/">{t("Campaigns")}</a> <span aria-hidden="true">/</span> {kindText(kind)}
      </nav>
      <div class="page-head studio-head">
        <h1>
          {campaign.title} <StatusMark status={status} />
        </h1>
        <Steps
          id={id}
          status={status}
          onDone={() => {
            void feed.refresh();
            onChange();
          }}
        />
      </div>
      <p class="studio-links">
        <a class="action" href={`${path}?preview`}>
          {t("Preview as worker")}
        </a>
        <a class="action" href={`/studio/campaigns/${id}/edit/`}>
          {t("Settings")}
        </a>
        <a class="action" href={`/studio/campaigns/${id}/settle/`}>
          {t("Settle the panel")}
        </a>
        {kind === "triplets" && (
          <a class="action" href={`/studio/campaigns/${id}/disputes/`}>
            {t("Settle disputes")}
          </a>
        )}
        <Links id={id} path={path} />
        <Copies campaign={campaign} />
      </p>
      <Live id={campaign.id} feed={feed} />
      {(status === "draft" || status === "open" || status === "paused") && (
        <AddTasks
          campaign={campaign}
          categories={categories}
          nTasks={feed.progress?.n_tasks ?? campaign.n_tasks}
          onDone={() => void feed.refresh()}
        />
      )}
      <TaskList
        campaign={campaign}
        nTasks={feed.progress?.n_tasks ?? campaign.n_tasks}
        onChange={() => void feed.refresh()}
      />
      <Consent id={id} />
      {kind === "triplets" && <Disputes id={id} nVotes={feed.progress?.n_votes ?? 0} />}
      <Workers id={id} nWorkers={feed.progress?.n_workers ?? 0} nVotes={feed.progress?.n_votes ?? 0} />
      {kind === "attributes" && <Attributes id={id} nVotes={feed.progress?.n_votes ?? 0} />}
      {kind === "triplets" && <Snapshot id={id} />}
      <Exports campaign={campaign} />
      <Audit id={id} />
    </>
  );
}
