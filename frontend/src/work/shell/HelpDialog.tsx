import type { JSX } from "preact";
import { Dialog } from "../../shared/controls/Dialog";
import { Paragraphs, type StudyTexts } from "../../shared/controls/StudyInfo";
import { Switch } from "../../shared/controls/Switch";
import type { Prefs } from "../../shared/prefs";
import { t } from "../../shared/texts";
import { AboutStudy } from "./AboutStudy";
import { YourData } from "./YourData";

/** What a key does, and its names. */
export type Shortcut = readonly [what: string, ...keys: string[]];

interface Props {
  readonly instructions: string;
  /** The study's own consent text; null for one without. */
  readonly consent: StudyTexts | null;
  readonly shortcuts: readonly Shortcut[];
  readonly prefs: Prefs;
  /** Something is stored about the worker: not in a preview. */
  readonly hasData: boolean;
  readonly onChange: (prefs: Prefs) => void;
  readonly onClose: () => void;
}

export function HelpDialog({
  instructions,
  consent,
  shortcuts,
  prefs,
  hasData,
  onChange,
  onClose,
}: Props): JSX.Element {
  return (
    <Dialog title={t("Instructions and shortcuts")} onClose={onClose}>
      {instructions && (
        <>
          <h3>{t("Instructions")}</h3>
          <Paragraphs text={instructions} />
        </>
      )}
      <h3>{t("Keyboard shortcuts")}</h3>
      <dl class="facts">
        {shortcuts.map(([what, ...keys]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <>
                  {" "}
                  <kbd key={key}>{key}</kbd>
                </>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        label={t("Single-key shortcuts")}
        hint={t("When off, letters and digits are ignored; arrow keys and buttons still work.")}
        checked={prefs.singleKeys}
        onChange={(singleKeys) => onChange({ ...prefs, singleKeys })}
      />
      <p class="quiet">{t("On a touch screen, tap a photo or swipe towards it.")}</p>
      <AboutStudy consent={consent} />
      {hasData && <YourData />}
    </Dialog>
  );
}
