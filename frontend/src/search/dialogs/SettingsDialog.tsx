import type { JSX } from "preact";
import { Dialog } from "../../shared/controls/Dialog";
import { Switch } from "../../shared/controls/Switch";
import { RecordingSettings } from "../clicks/RecordingSettings";
import type { ClickRecorder } from "../clicks/recorder";
import type { Prefs } from "../../shared/prefs";
import { t } from "../../shared/texts";

interface Props {
  readonly prefs: Prefs;
  readonly recorder: ClickRecorder;
  readonly onChange: (prefs: Prefs) => void;
  readonly onClose: () => void;
}

export function SettingsDialog({ prefs, recorder, onChange, onClose }: Props): JSX.Element {
  const shortcuts: [string, string][] = [
    [t("Pen"), "P"],
    [t("Stroke eraser"), "E"],
    [t("Undo"), "Z"],
    [t("Redo"), "Shift Z"],
    [t("Thinner / thicker"), "[  ]"],
    [t("Move the pen"), "← ↑ → ↓"],
    [t("Pen down"), "␣"],
    [t("Discard stroke"), "Esc"],
  ];
  return (
    <Dialog title={t("Settings and shortcuts")} onClose={onClose}>
      <Switch
        label={t("Draw with fingers")}
        hint={t("When off, only a pen draws and fingers pan the canvas.")}
        checked={prefs.fingerDraws}
        onChange={(fingerDraws) => onChange({ ...prefs, fingerDraws })}
      />
      <Switch
        label={t("Single-key shortcuts")}
        hint={t("When off, only shortcuts with Ctrl or ⌘ work.")}
        checked={prefs.singleKeys}
        onChange={(singleKeys) => onChange({ ...prefs, singleKeys })}
      />
      <RecordingSettings recorder={recorder} />
      <h3>{t("Keyboard shortcuts")}</h3>
      <dl class="facts">
        {shortcuts.map(([name, key]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <kbd>{key}</kbd>
            </dd>
          </div>
        ))}
      </dl>
      <ul class="quiet touch-help">
        <li>{t("Use two fingers to pan and zoom.")}</li>
        <li>{t("Tap with two fingers to undo.")}</li>
        <li>{t("Tap with three fingers to redo.")}</li>
      </ul>
    </Dialog>
  );
}
