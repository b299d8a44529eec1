import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Kind } from "../../work/shell/session/types";
import { api, patch } from "../../shared/api/client";
import { Switch } from "../../shared/controls/Switch";
import { bodyOf, type Draft, draftOf, NEW, slugOf } from "./draft";
import { NumberField, Group, TextArea, TextField } from "../kit/fields";
import { Await, Trouble } from "../kit/States";
import { t } from "./strings";
import { useLoad } from "../kit/hooks/load";
import { useSend } from "../kit/hooks/send";
import type { CampaignFull } from "./wire";

const KINDS = ["triplets", "attributes", "sketches"] as const;

/** A new campaign, or the settings of one. */
export function Form({ id }: { id: number | null }): JSX.Element {
  const [state, again] = useLoad(() => (id === null ? Promise.resolve(null) : api<CampaignFull>(`campaigns/${id}/`)));
  return (
    <Await state={state} onAgain={again} rows={8}>
      {(campaign) => <Fields campaign={campaign} />}
    </Await>
  );
}

function Fields({ campaign }: { campaign: CampaignFull | null }): JSX.Element {
  const [draft, setDraft] = useState<Draft>(() => (campaign ? draftOf(campaign) : NEW));
  const { isBusy, trouble, send } = useSend();
  const isFixed = campaign !== null && campaign.status !== "draft";
  const set = (change: Partial<Draft>) => setDraft((last) => ({ ...last, ...change }));
  const save = () =>
    send(async () => {
      const body = bodyOf(draft, campaign?.settings);
      const saved = campaign
        ? await patch<{ id: number }>(`campaigns/${campaign.id}/`, body)
        : await api<{ id: number }>("campaigns/", body);
      location.assign(`/studio/campaigns/${saved.id}/`);
    });
  return (
    <form
      class="form campaign-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h1>{campaign ? t("editTitle", { title: campaign.title }) : t("newCampaign")}</h1>
      <KindChoice kind={draft.kind} isFixed={campaign !== null} onChange={(kind) => set({ kind })} />
      <Group title={t("basics")}>
        <TextField label={t("title")} value={draft.title} required max={120} onInput={(title) => set({ title })} />
        <TextField
          label={t("slug")}
          hint={t("slugHint")}
          value={draft.slug}
          placeholder={slugOf(draft.title)}
          pattern="[a-z0-9\-]+"
          max={80}
          onInput={(slug) => set({ slug })}
        />
        <TextArea
          label={t("instructions")}
          hint={t("instructionsHint")}
          value={draft.instructions}
          onInput={(instructions) => set({ instructions })}
        />
        <details class="form-more" open={draft.titleDe !== "" || draft.instructionsDe !== ""}>
          <summary>{t("german")}</summary>
          <p class="quiet">{t("germanHint")}</p>
          <TextField
            label={`${t("title")} (Deutsch)`}
            value={draft.titleDe}
            max={120}
            onInput={(titleDe) => set({ titleDe })}
          />
          <TextArea
            label={`${t("instructions")} (Deutsch)`}
            value={draft.instructionsDe}
            onInput={(instructionsDe) => set({ instructionsDe })}
          />
        </details>
        {draft.kind === "attributes" && (
          <TextArea
            label={t("ontology")}
            hint={t("ontologyHint")}
            value={draft.ontology}
            required
            rows={8}
            onInput={(ontology) => set({ ontology })}
          />
        )}
        {draft.kind === "sketches" && (
          <NumberField
            label={t("exposure")}
            value={draft.exposureS}
            min={1}
            max={120}
            onInput={(exposureS) => set({ exposureS })}
          />
        )}
      </Group>
      <Group title={t("rules")} isGrid>
        <NumberField
          label={t("votesPerTask")}
          hint={t("votesPerTaskHint")}
          value={draft.votesPerTask}
          min={1}
          max={99}
          isFixed={isFixed}
          onInput={(votesPerTask) => set({ votesPerTask })}
        />
        <NumberField
          label={t("goldShare")}
          hint={t("goldShareHint")}
          value={draft.goldPercent}
          max={50}
          onInput={(goldPercent) => set({ goldPercent })}
        />
        <NumberField
          label={t("qualificationShare")}
          hint={t("qualificationShareHint")}
          value={draft.qualificationPercent}
          max={100}
          onInput={(qualificationPercent) => set({ qualificationPercent })}
        />
        {draft.kind === "triplets" && !isFixed && (
          <Switch
            label={t("stopWhenDecided")}
            hint={t("stopWhenDecidedHint")}
            checked={draft.stopWhenDecided}
            onChange={(stopWhenDecided) => set({ stopWhenDecided })}
          />
        )}
      </Group>
      <Group title={t("session")} isGrid>
        <NumberField
          label={t("sessionCap")}
          hint={t("zeroNone")}
          value={draft.sessionCap}
          onInput={(sessionCap) => set({ sessionCap })}
        />
        <NumberField
          label={t("breakEvery")}
          hint={t("zeroNone")}
          value={draft.breakEvery}
          onInput={(breakEvery) => set({ breakEvery })}
        />
        <NumberField
          label={t("undoSteps")}
          hint={t("zeroNone")}
          value={draft.undoSteps}
          max={100}
          onInput={(undoSteps) => set({ undoSteps })}
        />
        <NumberField
          label={t("lease")}
          value={draft.leaseS}
          min={10}
          max={3600}
          onInput={(leaseS) => set({ leaseS })}
        />
      </Group>
      <Group title={t("pay")} isGrid>
        <NumberField
          label={t("costPerAnswer")}
          value={draft.costPerAnswer}
          step={0.001}
          onInput={(costPerAnswer) => set({ costPerAnswer })}
        />
        <TextField
          label={t("currency")}
          value={draft.currency}
          pattern="[A-Za-z]{3}"
          max={3}
          onInput={(currency) => set({ currency })}
        />
        <TextField
          label={t("completionCode")}
          hint={t("completionCodeHint")}
          value={draft.completionCode}
          max={64}
          onInput={(completionCode) => set({ completionCode })}
        />
        <TextField
          label={t("completionUrl")}
          value={draft.completionUrl}
          type="url"
          max={300}
          onInput={(completionUrl) => set({ completionUrl })}
        />
      </Group>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void save()} />}
      <p class="form-end">
        <button class="action action-main" aria-disabled={isBusy}>
          {isBusy ? t("saving") : campaign ? t("save") : t("create")}
        </button>
        <a class="action" href={campaign ? `/studio/campaigns/${campaign.id}/` : "/studio/campaigns/"}>
          {t("cancel")}
        </a>
      </p>
    </form>
  );
}

interface KindProps {
  readonly kind: Kind;
  readonly isFixed: boolean;
  readonly onChange: (kind: Kind) => void;
}

function KindChoice({ kind, isFixed, onChange }: KindProps): JSX.Element {
  return (
    <fieldset class="kinds" disabled={isFixed}>
      <legend class="visually-hidden">{t("kind")}</legend>
      {KINDS.map((name) => (
        <label class="kind" key={name}>
          <input type="radio" name="kind" checked={kind === name} onChange={() => onChange(name)} />
          <span>
            <strong>{t(name)}</strong>
            <small>{t(`${name}Hint`)}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
