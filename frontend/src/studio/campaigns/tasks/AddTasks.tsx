import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Campaign, Category, StudySet } from "../../../shared/api/types";
import { Switch } from "../../../shared/controls/Switch";
import { t, tn } from "../../../shared/texts";
import { NumberField, SelectField } from "../../kit/fields";
import { useLoad } from "../../kit/hooks/load";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import { EstimateView } from "./EstimateView";
import { SketchChoice } from "./SketchChoice";
import { FIRST, SKETCHES, type TaskPlan, tasksBody } from "./taskPlan";
import { TripletFile } from "./TripletFile";

interface Props {
  readonly campaign: Campaign;
  readonly categories: readonly Category[];
  readonly nTasks: number;
  readonly onDone: () => void;
}

/** Creates tasks: from sketches and photos, from a file of own triplets, or one task per photo. */
export function AddTasks({ campaign, categories, nTasks, onDone }: Props): JSX.Element {
  const [taskPlan, setTaskPlan] = useState<TaskPlan>(FIRST);
  const [made, setMade] = useState<number | null>(null);
  const { isBusy, trouble, send } = useSend();
  const [loaded] = useLoad(() => api<{ results: readonly StudySet[] }>("study-sets/?page_size=200"));
  const sets = loaded.kind === "ready" ? loaded.data.results : [];
  const set = (change: Partial<TaskPlan>) => setTaskPlan({ ...taskPlan, ...change });
  const isTriplets = campaign.kind === "triplets";
  const add = () =>
    send(async () => {
      const body = tasksBody(campaign.kind, taskPlan);
      setMade((await api<{ made: number }>(`campaigns/${campaign.id}/tasks/`, body)).made);
      onDone();
    });
  const shelves = [["", t("All categories")], ...categories.map(({ slug, name }) => [slug, name] as const)] as const;
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
            label={t("Photos")}
            value={taskPlan.photosOf}
            options={[["", t("Products of the shop")], ...setOptions(sets, campaign.kind)]}
            onChange={(photosOf) => set({ photosOf })}
          />
          {!taskPlan.photosOf && (
            <SelectField
              label={t("Category")}
              value={taskPlan.category}
              options={shelves}
              onChange={(category) => set({ category })}
            />
          )}
          {isTriplets && (
            <>
              <SketchChoice taskPlan={taskPlan} sets={sets} shelves={shelves} onChange={set} />
              <Pairs taskPlan={taskPlan} onChange={set} />
            </>
          )}
        </div>
        <EstimateView campaign={campaign} taskPlan={taskPlan} nTasks={nTasks} />
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void add()} />}
        <p class="form-row">
          <button class="action action-main" aria-disabled={isBusy}>
            {isBusy ? t("Saving…") : t("Add")}
          </button>
          <span role="status">{made === null ? "" : tn("1 task added", "{n} tasks added", made)}</span>
        </p>
      </form>
      {isTriplets && <TripletFile campaign={campaign} sets={sets} onDone={onDone} />}
    </details>
  );
}

/** Study sets with photos; for attributes, also those with sketches. */
function setOptions(sets: readonly StudySet[], kind: Campaign["kind"]): (readonly [value: string, name: string])[] {
  const photos = sets.filter(({ n_photos }) => n_photos > 0).map(({ id, name }) => [String(id), name] as const);
  if (kind !== "attributes") return photos;
  const drawn = sets.filter(({ n_sketches }) => n_sketches > 0);
  return [
    ...photos,
    ...drawn.map(({ id, name }) => [SKETCHES + String(id), t("Sketches of {name}", { name })] as const),
  ];
}

interface PairsProps {
  readonly taskPlan: TaskPlan;
  readonly onChange: (change: Partial<TaskPlan>) => void;
}

/** Which pairs of a sketch's candidates become triplets. */
function Pairs({ taskPlan, onChange }: PairsProps): JSX.Element {
  return (
    <>
      <NumberField
        label={t("Candidates per sketch")}
        value={taskPlan.nCandidates}
        min={2}
        max={50}
        onInput={(nCandidates) => onChange({ nCandidates })}
      />
      <SelectField
        label={t("Pair selection")}
        value={taskPlan.strategy}
        options={[
          ["all", t("All pairs")],
          ["random", t("Random pairs")],
          ["disagreement", t("Where two models disagree")],
        ]}
        onChange={(strategy) => onChange({ strategy: strategy as TaskPlan["strategy"] })}
      />
      {taskPlan.strategy !== "all" && (
        <NumberField
          label={t("Maximum triplets")}
          value={taskPlan.nTriplets}
          hint={t("0 for no limit")}
          onInput={(nTriplets) => onChange({ nTriplets })}
        />
      )}
      {taskPlan.strategy === "disagreement" && (
        <NumberField
          label={t("Random share (%)")}
          hint={t("Keeps an unbiased sample for evaluation.")}
          value={taskPlan.randomPercent}
          max={100}
          onInput={(randomPercent) => onChange({ randomPercent })}
        />
      )}
      <Switch
        label={t("Include the true match")}
        hint={t("Even if it is not among the closest.")}
        checked={taskPlan.forceTrueMatch}
        onChange={(forceTrueMatch) => onChange({ forceTrueMatch })}
      />
    </>
  );
}
