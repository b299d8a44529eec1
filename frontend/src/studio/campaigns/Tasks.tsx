import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Campaign, Category } from "../../shared/api/types";
import { Switch } from "../../shared/controls/Switch";
import { t, tn } from "../../shared/texts";
import { NumberField, SelectField } from "../kit/fields";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";
import { ByAttributes } from "./data/ByAttributes";
import { tasksBody, type TaskPlan } from "./taskPlan";

interface Props {
  readonly campaign: Campaign;
  readonly categories: readonly Category[];
  readonly nTasks: number;
  readonly onDone: () => void;
}

const FIRST: TaskPlan = {
  category: "",
  source: "",
  strategy: "all",
  nCandidates: 10,
  nTriplets: 0,
  randomPercent: 15,
  forceTrueMatch: true,
  attributesFrom: "",
  attributeWeight: 1,
  featureWeight: 1,
};

/** Creates tasks: triplets from sketches and a category, or one task per product of a category. */
export function Tasks({ campaign, categories, nTasks, onDone }: Props): JSX.Element {
  const stated = campaign.settings.attributes_from;
  const [taskPlan, setTaskPlan] = useState<TaskPlan>({ ...FIRST, attributesFrom: stated ? String(stated) : "" });
  const [made, setMade] = useState<number | null>(null);
  const { isBusy, trouble, send } = useSend();
  const set = (change: Partial<TaskPlan>) => setTaskPlan({ ...taskPlan, ...change });
  const isTriplets = campaign.kind === "triplets";
  const add = () =>
    send(async () => {
      const body = tasksBody(campaign.kind, taskPlan);
      setMade((await api<{ made: number }>(`campaigns/${campaign.id}/tasks/`, body)).made);
      onDone();
    });
  return (
    <details class="studio-section tasks" open={nTasks === 0}>
      <summary>
        <h2>{t("Add tasks")}</h2>
      </summary>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <p class="quiet">
          {isTriplets
            ? t(
                "For each sketch, the closest products in the category become candidates; pairs of candidates become triplets.",
              )
            : t("Every product in the category becomes a task.")}
        </p>
        <div class="form-grid">
          <SelectField
            label={t("Category")}
            value={taskPlan.category}
            options={[["", t("All categories")], ...categories.map(({ slug, name }) => [slug, name] as const)]}
            onChange={(category) => set({ category })}
          />
          {isTriplets && (
            <>
              <SelectField
                label={t("Sketches")}
                value={taskPlan.source}
                options={[
                  ["", t("All")],
                  ["import", t("Imported")],
                  ["visitor", t("From visitors")],
                  ["collected", t("Drawn from memory")],
                ]}
                onChange={(source) => set({ source: source as TaskPlan["source"] })}
              />
              <NumberField
                label={t("Candidates per sketch")}
                value={taskPlan.nCandidates}
                min={2}
                max={50}
                onInput={(nCandidates) => set({ nCandidates })}
              />
              <SelectField
                label={t("Pair selection")}
                value={taskPlan.strategy}
                options={[
                  ["all", t("All pairs")],
                  ["random", t("Random pairs")],
                  ["disagreement", t("Where two models disagree")],
                ]}
                onChange={(strategy) => set({ strategy: strategy as TaskPlan["strategy"] })}
              />
              {taskPlan.strategy !== "all" && (
                <NumberField
                  label={t("Maximum triplets")}
                  value={taskPlan.nTriplets}
                  hint={t("0 for no limit")}
                  onInput={(nTriplets) => set({ nTriplets })}
                />
              )}
              {taskPlan.strategy === "disagreement" && (
                <NumberField
                  label={t("Random share (%)")}
                  hint={t("Keeps an unbiased sample for evaluation.")}
                  value={taskPlan.randomPercent}
                  max={100}
                  onInput={(randomPercent) => set({ randomPercent })}
                />
              )}
              <ByAttributes taskPlan={taskPlan} onChange={set} />
              <Switch
                label={t("Include the true match")}
                hint={t("Even if it is not among the closest.")}
                checked={taskPlan.forceTrueMatch}
                onChange={(forceTrueMatch) => set({ forceTrueMatch })}
              />
            </>
          )}
        </div>
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void add()} />}
        <p class="form-row">
          <button class="action action-main" aria-disabled={isBusy}>
            {isBusy ? t("Saving…") : t("Add")}
          </button>
          <span role="status">{made === null ? "" : tn("1 task added", "{n} tasks added", made)}</span>
        </p>
      </form>
    </details>
  );
}
