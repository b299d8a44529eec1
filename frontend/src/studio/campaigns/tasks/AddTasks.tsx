import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Campaign, Category, StudySet, TasksAdded } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { SelectField } from "../../kit/fields";
import { useLoad } from "../../kit/hooks/load";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import { Added } from "./Added";
import { EstimateView } from "./EstimateView";
import { Pairs } from "./Pairs";
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
  const stated = campaign.settings.attributes_from;
  const [taskPlan, setTaskPlan] = useState<TaskPlan>({ ...FIRST, attributesFrom: stated ? String(stated) : "" });
  const [startsOpen] = useState(nTasks === 0); // stays open while the number of added tasks arrives
  const [added, setAdded] = useState<TasksAdded | null>(null);
  const { isBusy, trouble, send } = useSend();
  const [loaded] = useLoad(() => api<{ results: readonly StudySet[] }>("study-sets/?page_size=200"));
  const sets = loaded.kind === "ready" ? loaded.data.results : [];
  const set = (change: Partial<TaskPlan>) => setTaskPlan({ ...taskPlan, ...change });
  const isTriplets = campaign.kind === "triplets";
  const add = () =>
    send(async () => {
      const body = tasksBody(campaign.kind, taskPlan);
      setAdded(await api<TasksAdded>(`campaigns/${campaign.id}/tasks/`, body));
      onDone();
    });
  const shelves = [["", t("All categories")], ...categories.map(({ slug, name }) => [slug, name] as const)] as const;
  return (
    <details class="studio-section tasks" open={startsOpen}>
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
        {isTriplets && taskPlan.strategy === "adaptive" && (
          <p class="quiet">
            {t(
              "Pairs come in rounds: each sketch’s next pairs are those that its votes so far leave most uncertain. Once every pair that was not asked can be inferred from the others, the sketch is done. On real votes, this took about 40 % fewer votes than all pairs at a risk of 10 %. Require a number of answers for the code, since the number of tasks is not known beforehand.",
            )}
          </p>
        )}
        <EstimateView campaign={campaign} taskPlan={taskPlan} nTasks={nTasks} />
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void add()} />}
        <p class="form-row">
          <button class="action action-main" aria-disabled={isBusy}>
            {isBusy ? t("Saving…") : t("Add")}
          </button>
          <Added added={added} />
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
