import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { ClickSnapshot, Teaching as Facts } from "../../shared/api/types";
import { number, t, tn } from "../../shared/texts";
import { decimal } from "../kit/figures";
import { useLoad } from "../kit/hooks/load";
import { useSend } from "../kit/hooks/send";
import { Await, Trouble } from "../kit/States";
import { snapshotOptions } from "../kit/options";

/** What clicks could teach, and freezing them beside the votes of a snapshot. */
export function Teaching(): JSX.Element {
  const [state, again] = useLoad(() => api<Facts>("clicks/snapshots/"));
  return (
    <section class="studio-section" aria-labelledby="teaching">
      <h2 id="teaching">{t("Learning from clicks")}</h2>
      <Await state={state} onAgain={again} rows={2}>
        {(facts) =>
          facts.learns ? (
            <Freeze facts={facts} onDone={again} />
          ) : (
            <p class="quiet">
              {t("Off. With this setting, clicks become training data, and some neighbouring results change places:")}{" "}
              <code>SKETCHFIND_LEARN_FROM_CLICKS=true</code>
            </p>
          )
        }
      </Await>
    </section>
  );
}

function Freeze({ facts, onDone }: { facts: Facts; onDone: () => void }): JSX.Element {
  const [base, setBase] = useState("");
  const [made, setMade] = useState<ClickSnapshot | null>(null);
  const { isBusy, trouble, send } = useSend();
  const freeze = () =>
    void send(async () => {
      setMade(await api<ClickSnapshot>("clicks/snapshots/", { base: base === "" ? null : Number(base) }));
      onDone();
    });
  if (facts.usable === 0) {
    return <p class="quiet none">{t("No search with a click and a kept drawing yet.")}</p>;
  }
  return (
    <>
      <p>
        {tn("1 search with a click and its drawing.", "{n} searches with a click and their drawings.", facts.usable)}{" "}
        <span class="quiet">
          {t("Position bias: rank to the power of −{exponent} ({low} to {high}).", {
            exponent: decimal(facts.exponent, 2),
            low: decimal(facts.ci95[0], 2),
            high: decimal(facts.ci95[1], 2),
          })}
        </span>
      </p>
      <form
        class="experiment-start"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isBusy) freeze();
        }}
      >
        <label>
          {t("Put them beside")}{" "}
          <select class="field" value={base} onChange={({ currentTarget }) => setBase(currentTarget.value)}>
            <option value="">{t("nothing: clicks alone")}</option>
            {snapshotOptions(facts.snapshots).map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <button class="action" aria-disabled={isBusy}>
          {t("Freeze as a dataset")}
        </button>
      </form>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={freeze} />}
      {made && (
        <p class="notice" role="status">
          <span>
            {t("“{name}”: {triplets} judged triplets, {clicks} weak triplets from clicks.", {
              name: made.name,
              triplets: number(made.counts.triplets ?? 0),
              clicks: number(made.counts.clicks ?? 0),
            })}{" "}
            {t("A run uses the clicks if its click_weight is above 0.")}
          </span>
          <a class="action" href={`/studio/runs/new/?snapshot=${made.id}`}>
            {t("New run")}
          </a>
        </p>
      )}
    </>
  );
}
