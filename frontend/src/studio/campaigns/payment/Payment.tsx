import type { JSX } from "preact";
import { t } from "../../../shared/texts";
import { Group, NumberField, OptionalNumberField, SelectField, TextField } from "../../kit/fields";
import { type Draft, type EndingName, ENDINGS } from "../draft";
import { Bonus } from "./Bonus";
import { Exclude } from "./Exclude";

interface Props {
  /** Null for a new campaign. */
  readonly id: number | null;
  readonly draft: Draft;
  readonly onChange: (change: Partial<Draft>) => void;
}

/** What work takes and pays, and where each ending leads. */
export function Payment({ id, draft, onChange }: Props): JSX.Element {
  return (
    <>
      <Group title={t("Participation and payment")} isGrid>
        <SelectField
          label={t("Who may join")}
          name="access"
          hint={t("Only campaigns for anyone are listed for workers.")}
          value={draft.access}
          options={[
            ["open", t("Anyone")],
            ["panel", t("Participants of a panel, by its link")],
            ["invite", t("Invited people, by a personal link")],
          ]}
          onChange={(access) => onChange({ access: access as Draft["access"] })}
        />
        <NumberField
          label={t("Answers required for the code")}
          name="required_answers"
          hint={t("0: all tasks that there are for the worker. Shown before they start.")}
          value={draft.requiredAnswers}
          onInput={(requiredAnswers) => onChange({ requiredAnswers })}
        />
        <OptionalNumberField
          label={t("Pay for finishing")}
          name="settings.reward"
          hint={t("Leave empty to state none.")}
          value={draft.reward}
          step={0.01}
          onInput={(reward) => onChange({ reward })}
        />
        <SelectField
          label={t("Pay for ending early")}
          name="settings.partial_pay.kind"
          value={draft.partialPay}
          options={[
            ["none", t("None")],
            ["amount", t("An amount")],
            ["share", t("A share of the pay for finishing (%)")],
            ["work", t("In proportion to the answers given")],
          ]}
          onChange={(partialPay) => onChange({ partialPay: partialPay as Draft["partialPay"] })}
        />
        {draft.partialPay !== "none" && (
          <NumberField
            label={{ share: t("Share (%)"), amount: t("Amount"), work: t("At least") }[draft.partialPay]}
            name="settings.partial_pay.value"
            hint={t("Only after at least one answer.")}
            value={draft.partialValue}
            step={0.01}
            {...(draft.partialPay === "share" ? { max: 100 } : {})}
            onInput={(partialValue) => onChange({ partialValue })}
          />
        )}
        <Bonus draft={draft} onChange={onChange} />
        <OptionalNumberField
          label={t("Cost per answer")}
          name="settings.cost_per_answer"
          hint={t("Where finishing is not paid. Leave empty if it is not known.")}
          value={draft.costPerAnswer}
          step={0.001}
          onInput={(costPerAnswer) => onChange({ costPerAnswer })}
        />
        <OptionalNumberField
          label={t("Spending cap")}
          name="settings.spending_cap"
          hint={t("No more tasks are handed out once pay and possible bonuses reach it. Leave empty for no cap.")}
          value={draft.spendingCap}
          step={0.01}
          onInput={(spendingCap) => onChange({ spendingCap })}
        />
        <TextField
          label={t("Currency")}
          name="settings.currency"
          value={draft.currency}
          pattern="[A-Za-z]{3}"
          max={3}
          onInput={(currency) => onChange({ currency })}
        />
        <Exclude
          id={id}
          chosen={draft.excludeCampaigns}
          onChange={(excludeCampaigns) => onChange({ excludeCampaigns })}
        />
      </Group>
      <Group title={t("Back to the panel")} isGrid>
        <TextField
          label={t("Completion code")}
          name="completion_code"
          hint={t("Leave empty to give each worker a unique code.")}
          value={draft.completionCode}
          max={64}
          onInput={(completionCode) => onChange({ completionCode })}
        />
        <TextField
          label={t("Panel return URL")}
          name="settings.completion_url"
          hint={t("{code} in it is replaced by the code.")}
          value={draft.completionUrl}
          type="url"
          max={300}
          onInput={(completionUrl) => onChange({ completionUrl })}
        />
        {ENDINGS.map((name) => (
          <EndingFields key={name} name={name} draft={draft} onChange={onChange} />
        ))}
      </Group>
    </>
  );
}

function EndingFields({ name, draft, onChange }: Omit<Props, "id"> & { readonly name: EndingName }): JSX.Element {
  const { code, url } = draft.endings[name];
  const set = (change: Partial<typeof draft.endings.blocked>) =>
    onChange({ endings: { ...draft.endings, [name]: { code, url, ...change } } });
  const ending = {
    screened_out: t("screened out by the practice"),
    ended_early: t("ended early"),
    blocked: t("blocked"),
    refused: t("not admitted"),
  }[name];
  return (
    <>
      {name !== "blocked" && name !== "refused" && (
        <TextField
          label={t("Code: {ending}", { ending })}
          name={`settings.endings.${name}.code`}
          value={code}
          max={64}
          onInput={(value) => set({ code: value })}
        />
      )}
      <TextField
        label={t("Return URL: {ending}", { ending })}
        name={`settings.endings.${name}.url`}
        hint={t("Leave empty to use the page of Prolific or MTurk.")}
        value={url}
        type="url"
        max={300}
        onInput={(value) => set({ url: value })}
      />
    </>
  );
}
