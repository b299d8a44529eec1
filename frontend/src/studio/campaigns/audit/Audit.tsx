import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../../shared/texts";
import { Log } from "./Log";

/** Who changed what in the campaign, and why; loaded when opened. */
export function Audit({ id }: { id: number }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="studio-section tasks" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2 id="audit-title">{t("Audit log")}</h2>
      </summary>
      {isOpen && (
        <>
          <Log path={`campaigns/${id}/audit/`} />
          <p>
            <a href={`/studio/campaigns/audit/?campaign=${id}`}>{t("On a page of its own")}</a>
          </p>
        </>
      )}
    </details>
  );
}
