import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import { t } from "../../shared/texts";
import { SelectField } from "../kit/fields";
import { useSend } from "../kit/hooks/send";
import { Trouble } from "../kit/States";

/** Uploads a zip of sketches or photos with a manifest. */
export function Upload({ id, onSent }: { id: number; onSent: () => void }): JSX.Element {
  const [what, setWhat] = useState("sketches");
  const { isBusy, trouble, send } = useSend();
  const upload = (form: HTMLFormElement) =>
    send(async () => {
      const body = new FormData(form);
      body.set("what", what);
      await api(`study-sets/${id}/imports/`, body);
      form.reset();
      onSent();
    });
  return (
    <form
      class="form sets-upload"
      onSubmit={(event) => {
        event.preventDefault();
        void upload(event.currentTarget);
      }}
    >
      <h2>{t("Add from a zip")}</h2>
      <p class="quiet">
        {what === "sketches"
          ? t(
              "The zip needs a manifest.csv with the columns id, file, and optionally name, true_match (a SKU, or the id of a photo of this set) and item (which drawing of a file with several). Files: PNG, JPEG, SVG, QuickDraw .ndjson, .npz with stroke-3 or stroke-5.",
            )
          : t(
              "The zip needs a manifest.csv with the columns id, file, and optionally name. Photos are stored without metadata.",
            )}{" "}
        {t("Everything is added, or nothing.")}
      </p>
      <div class="form-grid">
        <SelectField
          label={t("Content")}
          value={what}
          options={[
            ["sketches", t("Sketches")],
            ["photos", t("Private photos")],
          ]}
          onChange={setWhat}
        />
        <label class="form-field">
          <span>{t("Zip")}</span>
          <input type="file" name="file" required accept=".zip" />
        </label>
      </div>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => undefined} />}
      <p>
        <button class="action action-main" aria-disabled={isBusy}>
          {isBusy ? t("Uploading…") : t("Upload")}
        </button>
      </p>
    </form>
  );
}
