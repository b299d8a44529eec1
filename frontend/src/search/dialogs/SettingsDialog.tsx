import type { JSX } from "preact";
import type { Prefs } from "../../shared/prefs";
import { Dialog } from "../../shared/controls/Dialog";
import { Switch } from "../../shared/controls/Switch";
import { t } from "../strings";

interface Props {
  readonly prefs: Prefs;
  readonly onChange: (prefs: Prefs) => void;
  readonly onClose: () => void;
}

export function SettingsDialog({ prefs, onChange, onClose }: Props): JSX.Element {
  const shortcuts: [string, string][] = [
    [t("pen"), "P"],
    [t("eraser"), "E"],
    [t("undo"), "Z"],
    [t("redo"), "Shift Z"],
    [t("keyWidth"), "[  ]"],
    [t("keyDraw"), "← ↑ → ↓"],
    [t("penDown"), "␣"],
    [t("keyDrop"), "Esc"],
  ];
  return (
    <Dialog title={t("settingsTitle")} onClose={onClose}>
      <Switch
        label={t("fingerDraws")}
        hint={t("fingerDrawsHint")}
        checked={prefs.fingerDraws}
        onChange={(fingerDraws) => onChange({ ...prefs, fingerDraws })}
      />
      <Switch
        label={t("singleKeys")}
        hint={t("singleKeysHint")}
        checked={prefs.singleKeys}
        onChange={(singleKeys) => onChange({ ...prefs, singleKeys })}
      />
      <h3>{t("shortcuts")}</h3>
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
        <li>{t("keyTouchPan")}</li>
        <li>{t("keyTouchUndo")}</li>
        <li>{t("keyTouchRedo")}</li>
      </ul>
    </Dialog>
  );
}
