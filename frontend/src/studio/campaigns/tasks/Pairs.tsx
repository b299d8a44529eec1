import type { JSX } from "preact";
import { Switch } from "../../../shared/controls/Switch";
import { t } from "../../../shared/texts";
import { NumberField, SelectField } from "../../kit/fields";
import { ByAttributes } from "./ByAttributes";
import type { TaskPlan } from "./taskPlan";

interface Props {
  readonly taskPlan: TaskPlan;
  readonly onChange: (change: Partial<TaskPlan>) => void;
}

/** Which pairs of a sketch's candidates become triplets. */
export function Pairs({ taskPlan, onChange }: Props): JSX.Element {
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
          ["adaptive", t("Fewest pairs that order each sketch")],
        ]}
        onChange={(strategy) => onChange({ strategy: strategy as TaskPlan["strategy"] })}
      />
      {taskPlan.strategy === "adaptive" && (
        <NumberField
          label={t("Accepted risk (%)")}
          hint={t("How likely the order of a pair that nobody is asked may be wrong.")}
          value={taskPlan.riskPercent}
          min={1}
          max={40}
          onInput={(riskPercent) => onChange({ riskPercent })}
        />
      )}
      {(taskPlan.strategy === "random" || taskPlan.strategy === "disagreement") && (
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
      <ByAttributes taskPlan={taskPlan} onChange={onChange} />
      <Switch
        label={t("Include the true match")}
        hint={t("Even if it is not among the closest.")}
        checked={taskPlan.forceTrueMatch}
        onChange={(forceTrueMatch) => onChange({ forceTrueMatch })}
      />
    </>
  );
}
