import type { JSX } from "preact";
import type { StudySet } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { SelectField, TextArea } from "../../kit/fields";
import type { TaskPlan } from "./taskPlan";

interface Props {
  readonly taskPlan: TaskPlan;
  readonly sets: readonly StudySet[];
  readonly shelves: readonly (readonly [slug: string, name: string])[];
  readonly onChange: (change: Partial<TaskPlan>) => void;
}

/** Which sketches a campaign uses: by origin, study set, own id, or category of what they show. */
export function SketchChoice({ taskPlan, sets, shelves, onChange }: Props): JSX.Element {
  const own = sets.filter(({ n_sketches }) => n_sketches > 0);
  return (
    <>
      <SelectField
        label={t("Sketches")}
        value={taskPlan.studySet ? `set ${taskPlan.studySet}` : taskPlan.source}
        options={[
          ["", t("All")],
          ["import", t("Imported")],
          ["visitor", t("From visitors")],
          ["collected", t("Drawn from memory")],
          ...own.map(({ id, name }) => [`set ${id}`, t("Study set: {name}", { name })] as const),
        ]}
        onChange={(value) => {
          const studySet = value.startsWith("set ") ? value.slice("set ".length) : "";
          onChange({ studySet, source: studySet ? "" : (value as TaskPlan["source"]) });
        }}
      />
      <SelectField
        label={t("Sketches that show")}
        value={taskPlan.sketchCategory}
        options={[["", t("Anything")], ...shelves.filter(([slug]) => slug !== "")]}
        onChange={(sketchCategory) => onChange({ sketchCategory })}
      />
      <TextArea
        label={t("Only these own ids")}
        hint={t("Separated by spaces, commas or lines. Leave empty for all.")}
        value={taskPlan.ownIds}
        rows={2}
        onInput={(ownIds) => onChange({ ownIds })}
      />
    </>
  );
}
