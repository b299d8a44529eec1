import type { JSX } from "preact";
import { Dialog } from "../../shared/controls/Dialog";
import { Switch } from "../../shared/controls/Switch";
import type { Prefs } from "../../shared/prefs";
import { t } from "../../shared/texts";

interface Props {
  readonly prefs: Prefs;
  readonly onChange: (prefs: Prefs) => void;
  readonly onClose: () => void;
}

export function SettingsDialog({ prefs, onChange, onClose }: Props): JSX.Element {
  const shortcuts: [string, string][] = [
    [t("Pen"), "P"],
    [t("Stroke eraser"), "E"],
    [t("Undo"), "Z"],
    [t("Redo"), "Shift Z"],
    [t("Thinner, thicker"), "[  ]"],
    [t("Move the pen"), "← ↑ → ↓"],
    [t("Pen down"), "␣"],
    [t("Drop the stroke"), "Esc"],
  ];
  return (
    <Dialog title={t("Settings and keys")} onClose={onClose}>
      <Switch
        label={t("Fingers draw, too")}
        hint={t("For pen users: off, fingers move the sheet while the pen draws.")}
        checked={prefs.fingerDraws}
        onChange={(fingerDraws) => onChange({ ...prefs, fingerDraws })}
      />
      <Switch
        label={t("Single-key shortcuts")}
        hint={t("Off, only keys together with Ctrl or ⌘ act.")}
        checked={prefs.singleKeys}
        onChange={(singleKeys) => onChange({ ...prefs, singleKeys })}
      />
      <h3>{t("Keys")}</h3>
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
        <li>{t("Two fingers move and zoom the sheet.")}</li>
        <li>{t("A tap with two fingers undoes.")}</li>
        <li>{t("A tap with three fingers redoes.")}</li>
      </ul>
    </Dialog>
  );
}
