import type { JSX } from "preact";
import { t } from "../../../shared/texts";
import { NumberField, SelectField } from "../../kit/fields";
import type { PayDraft } from "./rules";

interface Props {
  readonly draft: PayDraft;
  readonly onChange: (change: Partial<PayDraft>) => void;
}

/** The bonus rule, which participants read before they start. */
export function Bonus({ draft, onChange }: Props): JSX.Element {
  const { bonus, bonusAmount, bonusEvery, bonusPercent, bonusLeast } = draft;
  return (
    <>
      <SelectField
        label={t("Bonus")}
        name="settings.bonus.kind"
        hint={t("Stated to workers before they start; shown for everyone when you settle.")}
        value={bonus}
        options={[
          ["none", t("None")],
          ["gold", t("For right answers to gold tasks")],
          ["agreement", t("For agreement with the others")],
        ]}
        onChange={(value) => onChange({ bonus: value as PayDraft["bonus"] })}
      />
      {bonus !== "none" && (
        <NumberField
          label={t("Bonus amount")}
          name="settings.bonus.amount"
          value={bonusAmount}
          step={0.01}
          onInput={(value) => onChange({ bonusAmount: value })}
        />
      )}
      {bonus === "gold" && (
        <NumberField
          label={t("For every … right gold tasks")}
          name="settings.bonus.every"
          value={bonusEvery}
          min={1}
          onInput={(value) => onChange({ bonusEvery: value })}
        />
      )}
      {bonus === "agreement" && (
        <>
          <NumberField
            label={t("Agreement of at least (%)")}
            name="settings.bonus.above"
            value={bonusPercent}
            max={100}
            onInput={(value) => onChange({ bonusPercent: value })}
          />
          <NumberField
            label={t("Comparable answers, at least")}
            name="settings.bonus.least"
            hint={t("Answers on tasks whose other answers have a majority.")}
            value={bonusLeast}
            min={1}
            onInput={(value) => onChange({ bonusLeast: value })}
          />
        </>
      )}
    </>
  );
}
