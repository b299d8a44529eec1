import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Switch } from "../../shared/controls/Switch";
import { t, tn } from "../../shared/texts";
import { useChanges } from "../../shared/useChanges";
import { kept, learning } from "./ConsentNotice";
import type { ClickRecorder } from "./recorder";

/** What the site may record, and its deletion; nothing if it records nothing. */
export function RecordingSettings({ recorder }: { recorder: ClickRecorder }): JSX.Element | null {
  const [outcome, setOutcome] = useState("");
  useChanges((redraw) => [recorder.events.on("change", redraw)], [recorder]);
  if (recorder.recording.mode === "off") return null;
  const erase = () =>
    recorder.erase().then(
      (n) => setOutcome(tn("1 search was deleted.", "{n} searches were deleted.", n)),
      () => setOutcome(t("This did not work. Try again later.")),
    );
  return (
    <>
      <Switch
        label={t("Record which results I open")}
        hint={`${t("Without your address or name.")} ${kept(recorder.recording.days)}`}
        checked={recorder.isOn}
        onChange={(clicks) => recorder.decide(clicks ? { clicks } : { clicks, sketches: false })}
      />
      <Switch
        label={t("Keep my drawings with them")}
        hint={[t("The site sees what is drawn but not found."), learning(recorder.recording)].join(" ").trim()}
        checked={recorder.isOn && recorder.consent.sketches}
        onChange={(sketches) => recorder.decide(sketches ? { clicks: true, sketches } : { sketches })}
      />
      <p class="consent-erase">
        <button type="button" class="action" onClick={() => void erase()}>
          {t("Delete what was recorded of this visit")}
        </button>{" "}
        <span class="quiet" role="status">
          {outcome}
        </span>
      </p>
    </>
  );
}
