import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Campaign, StudySet, TasksAdded } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { SelectField } from "../../kit/fields";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";
import { Added } from "./Added";

interface Props {
  readonly campaign: Campaign;
  readonly sets: readonly StudySet[];
  readonly onDone: () => void;
}

/** Uploads own triplets by own ids, with gold and practice among them. */
export function TripletFile({ campaign, sets, onDone }: Props): JSX.Element {
  const [studySet, setStudySet] = useState("");
  const [added, setAdded] = useState<TasksAdded | null>(null);
  const { isBusy, trouble, send } = useSend();
  const upload = (form: HTMLFormElement) =>
    send(async () => {
      const body = new FormData(form);
      if (studySet) body.set("study_set", studySet);
      setAdded(await api(`campaigns/${campaign.id}/triplets/`, body));
      form.reset();
      onDone();
    });
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void upload(event.currentTarget);
      }}
    >
      <h3>{t("Own triplets from a file")}</h3>
      <p class="quiet">
        {t(
          "CSV or JSONL with the columns sketch, a, b, and optionally gold (a, b, cant_tell) and explanation. A row with an explanation is a practice task.",
        )}{" "}
        {t("If one row is wrong, nothing is added.")}
      </p>
      <div class="form-grid">
        <SelectField
          label={t("The ids are of")}
          value={studySet}
          options={[
            ["", t("The shop (SKUs)")],
            ...sets.map(({ id, name }) => [String(id), t("Study set: {name}", { name })] as const),
          ]}
          onChange={setStudySet}
        />
        <label class="form-field">
          <span>{t("File")}</span>
          <input type="file" name="file" required accept=".csv,.tsv,.json,.jsonl,.ndjson" />
        </label>
      </div>
      {trouble && <RowErrors trouble={trouble} />}
      <p class="form-row">
        <button class="action" aria-disabled={isBusy}>
          {isBusy ? t("Uploading…") : t("Add from file")}
        </button>
        <Added added={added} />
      </p>
    </form>
  );
}

type Failure = NonNullable<ReturnType<typeof useSend>["trouble"]>;

/** Every wrong row, or why the file as a whole cannot be used. */
function RowErrors({ trouble }: { trouble: Failure }): JSX.Element {
  if (trouble === "offline" || (trouble.errors?.length ?? 0) < 2)
    return <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => undefined} />;
  return (
    <div class="notice notice-problem row-errors" role="alert">
      <p>{t("Nothing was added:")}</p>
      <ul>
        {(trouble.errors ?? []).map(({ field, message }) => (
          <li key={field}>
            {field}: {message}
          </li>
        ))}
      </ul>
    </div>
  );
}
