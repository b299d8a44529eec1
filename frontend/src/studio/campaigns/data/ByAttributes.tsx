import type { JSX } from "preact";
import { api } from "../../../shared/api/client";
import type { AttributeTable } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { NumberField, SelectField } from "../../kit/fields";
import { useLoad } from "../../kit/hooks/load";
import type { TaskPlan } from "../taskPlan";

interface Props {
  readonly taskPlan: TaskPlan;
  readonly onChange: (change: Partial<TaskPlan>) => void;
}

/** Chooses candidates also by frozen attribute answers. Shows nothing as long as there are none. */
export function ByAttributes({ taskPlan, onChange }: Props): JSX.Element | null {
  const [state] = useLoad(() => api<AttributeTable[]>("attribute-tables/"));
  const tables = state.kind === "ready" ? state.data : [];
  if (tables.length === 0) return null;
  return (
    <>
      <SelectField
        label={t("Attributes from")}
        hint={t("Candidates are then close in these attributes, too.")}
        value={taskPlan.attributesFrom}
        options={[
          ["", t("No attributes")],
          ...tables.map(({ id, name, campaign }) => [String(id), `${campaign}: ${name} (${id})`] as const),
        ]}
        onChange={(attributesFrom) => onChange({ attributesFrom })}
      />
      {taskPlan.attributesFrom && (
        <>
          <NumberField
            label={t("Weight of attributes")}
            value={taskPlan.attributeWeight}
            step={0.1}
            onInput={(attributeWeight) => onChange({ attributeWeight })}
          />
          <NumberField
            label={t("Weight of features")}
            hint={t("0 to choose by attributes alone.")}
            value={taskPlan.featureWeight}
            step={0.1}
            onInput={(featureWeight) => onChange({ featureWeight })}
          />
        </>
      )}
    </>
  );
}
