import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, patch } from "../../shared/api/client";
import type { Campaign, Kind } from "../../shared/api/types";
import { Switch } from "../../shared/controls/Switch";
import { t } from "../../shared/texts";
import { NumberField, Group, TextArea, TextField } from "../kit/fields";
import { useLoad } from "../kit/hooks/load";
import { useSend } from "../kit/hooks/send";
import { RefusableForm } from "../kit/RefusableForm";
import { Await } from "../kit/States";
import { bodyOf, type Draft, draftOf, NEW, slugOf } from "./draft";
import { Payment } from "./payment/Payment";
import { kindHint, kindText } from "./labels";

const KINDS = ["triplets", "attributes", "sketches"] as const;

/** A new campaign, or the settings of one. */
export function Form({ id }: { id: number | null }): JSX.Element {
  const [state, again] = useLoad(() => (id === null ? Promise.resolve(null) : api<Campaign>(`campaigns/${id}/`)));
  return (
    <Await state={state} onAgain={again} rows={8}>
      {(campaign) => <Fields campaign={campaign} />}
    </Await>
  );
}

function Fields({ campaign }: { campaign: Campaign | null }): JSX.Element {
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
  const end = (
    <p class="form-end">
      <button class="action action-main" aria-disabled={isBusy}>
        {isBusy ? t("Saving…") : campaign ? t("Save") : t("Create draft")}
      </button>
      <a class="action" href={campaign ? `/studio/campaigns/${campaign.id}/` : "/studio/campaigns/"}>
        {t("Cancel")}
      </a>
    </p>
  );
  return (
    <RefusableForm class="form campaign-form" trouble={trouble} onSave={() => void save()} end={end}>
      <h1>{campaign ? t("Settings for {title}", { title: campaign.title }) : t("New campaign")}</h1>
      <KindChoice kind={draft.kind} isFixed={campaign !== null} onChange={(kind) => set({ kind })} />
      <Group title={t("Description")}>
        <TextField
          label={t("Title")}
          name="title"
          value={draft.title}
          required
          max={120}
          onInput={(title) => set({ title })}
        />
        <TextField
          label={t("Page URL")}
          name="slug"
          hint={t("Last part of the page’s URL. Leave empty to derive it from the title.")}
          value={draft.slug}
          placeholder={slugOf(draft.title)}
          pattern="[a-z0-9\-]+"
          max={80}
          onInput={(slug) => set({ slug })}
        />
        <TextArea
          label={t("Instructions")}
          name="instructions"
          hint={t("Shown to workers before they start. Separate paragraphs with a blank line.")}
          value={draft.instructions}
          onInput={(instructions) => set({ instructions })}
        />
        <details class="form-more" open={draft.titleDe !== "" || draft.instructionsDe !== ""}>
          <summary>{t("German version")}</summary>
          <p class="quiet">{t("If empty, German readers see the text above.")}</p>
          <TextField
            label={`${t("Title")} (Deutsch)`}
            name="settings.translations.de.title"
            value={draft.titleDe}
            max={120}
            onInput={(titleDe) => set({ titleDe })}
          />
          <TextArea
            label={`${t("Instructions")} (Deutsch)`}
            name="settings.translations.de.instructions"
            value={draft.instructionsDe}
            onInput={(instructionsDe) => set({ instructionsDe })}
          />
        </details>
        {draft.kind === "attributes" && (
          <TextArea
            label={t("Attributes")}
            name="settings.ontology"
            hint={t(
              "One per line: English / German. To keep the slug when the name changes, write slug: English / German.",
            )}
            value={draft.ontology}
            required
            rows={8}
            onInput={(ontology) => set({ ontology })}
          />
        )}
        {draft.kind === "sketches" && (
          <NumberField
            label={t("Viewing time (s)")}
            name="settings.exposure_s"
            value={draft.exposureS}
            min={1}
            max={120}
            onInput={(exposureS) => set({ exposureS })}
          />
        )}
      </Group>
      <Group title={t("Quality control")} isGrid>
        <NumberField
          label={t("Answers per task")}
          name="votes_per_task"
          hint={t("The majority decides.")}
          value={draft.votesPerTask}
          min={1}
          max={99}
          isFixed={isFixed}
          onInput={(votesPerTask) => set({ votesPerTask })}
        />
        <NumberField
          label={t("Gold tasks (%)")}
          name="gold_share"
          hint={t("Tasks with a known answer, mixed in with the others.")}
          value={draft.goldPercent}
          max={50}
          onInput={(goldPercent) => set({ goldPercent })}
        />
        <NumberField
          label={t("Practice pass mark (%)")}
          name="qualification_share"
          hint={t("Workers below this score cannot continue.")}
          value={draft.qualificationPercent}
          max={100}
          onInput={(qualificationPercent) => set({ qualificationPercent })}
        />
        {draft.kind === "triplets" && !isFixed && (
          <Switch
            label={t("Stop when decided")}
            hint={t("The last answer is requested only if it can still change the majority.")}
            checked={draft.stopWhenDecided}
            onChange={(stopWhenDecided) => set({ stopWhenDecided })}
          />
        )}
        {draft.kind === "triplets" && (
          <Switch
            label={t("Rules act by themselves")}
            hint={t(
              "Workers past a limit (gold tasks, agreement, speed, one side) are warned or blocked. You can undo it.",
            )}
            checked={draft.rulesAct}
            onChange={(rulesAct) => set({ rulesAct })}
          />
        )}
      </Group>
      <Group title={t("Sessions")} isGrid>
        <NumberField
          label={t("Answers per session")}
          name="session_cap"
          hint={t("0 for no limit")}
          value={draft.sessionCap}
          onInput={(sessionCap) => set({ sessionCap })}
        />
        <NumberField
          label={t("Answers between breaks")}
          name="break_every"
          hint={t("0 for no breaks")}
          value={draft.breakEvery}
          onInput={(breakEvery) => set({ breakEvery })}
        />
        <NumberField
          label={t("Answers that can be undone")}
          name="undo_steps"
          hint={t("0 for none")}
          value={draft.undoSteps}
          max={100}
          onInput={(undoSteps) => set({ undoSteps })}
        />
        <NumberField
          label={t("Time per task (s)")}
          name="lease_s"
          value={draft.leaseS}
          min={10}
          max={3600}
          onInput={(leaseS) => set({ leaseS })}
        />
      </Group>
      <Payment id={campaign?.id ?? null} draft={draft} onChange={set} />
      <Group title={t("Publication")}>
        <TextField
          label={t("Licence of the data")}
          name="settings.licence"
          hint={t("Such as CC BY 4.0. Stated in the data sheet.")}
          value={draft.licence}
          max={200}
          onInput={(licence) => set({ licence })}
        />
      </Group>
    </RefusableForm>
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
      <legend class="visually-hidden">{t("Kind")}</legend>
      {KINDS.map((name) => (
        <label class="kind" key={name}>
          <input type="radio" name="kind" checked={kind === name} onChange={() => onChange(name)} />
          <span>
            <strong>{kindText(name)}</strong>
            <small>{kindHint(name)}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
