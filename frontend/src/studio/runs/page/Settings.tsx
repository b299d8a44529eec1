import type { JSX } from "preact";
import type { RunFull } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { textOf } from "../form/form";

/** The run's settings, changed ones first, and its command. */
export function Settings({ run }: { run: RunFull }): JSX.Element {
  const names = Object.keys(run.full_config).sort((a, b) => a.localeCompare(b));
  const changed = names.filter((name) => name in run.config);
  const others = names.filter((name) => !(name in run.config));
  return (
    <section class="studio-section" aria-labelledby="settings-title">
      <h2 id="settings-title">{t("Settings")}</h2>
      <dl class="settings">
        {[...changed, ...others].map((name) => (
          <div key={name} class={name in run.config ? "setting-changed" : undefined}>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>
              <code>{textOf(run.full_config[name]) || t("none")}</code>
              {name in run.config && <span class="visually-hidden"> {t("changed")}</span>}
            </dd>
          </div>
        ))}
      </dl>
      {run.command && (
        <details class="command">
          <summary>{t("Command")}</summary>
          <pre tabIndex={0}>{run.command}</pre>
        </details>
      )}
    </section>
  );
}
