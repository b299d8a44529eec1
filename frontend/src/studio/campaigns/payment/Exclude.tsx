import type { JSX } from "preact";
import { useContext } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Campaign } from "../../../shared/api/types";
import { t, tn } from "../../../shared/texts";
import { useLoad } from "../../kit/hooks/load";
import { campaignOptions } from "../../kit/options";
import { FieldErrors } from "../../kit/refusals";
import { Await } from "../../kit/States";

interface Props {
  /** The campaign itself, which cannot exclude its own participants; null for a new one. */
  readonly id: number | null;
  readonly chosen: readonly number[];
  readonly onChange: (chosen: readonly number[]) => void;
}

const NAME = "settings.exclude_campaigns";

/** Earlier campaigns whose participants are refused. */
export function Exclude({ id, chosen, onChange }: Props): JSX.Element {
  const [state, again] = useLoad(() => api<{ readonly results: readonly Campaign[] }>("campaigns/?page_size=200"));
  const refused = useContext(FieldErrors).get(NAME);
  const toggle = (one: number) =>
    onChange(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]);
  return (
    <details class="form-more form-wide" open={chosen.length > 0}>
      <summary>
        {t("Exclude participants of earlier campaigns")}
        {chosen.length > 0 && ` (${tn("1 campaign", "{n} campaigns", chosen.length)})`}
      </summary>
      <p class="quiet">
        {t(
          "Whoever was given tasks there is refused, told why, and led back to the panel. They are compared by a keyed hash of their ID, also after erasure; a personal link admits someone all the same.",
        )}
      </p>
      {refused && <p class="form-error">{refused}</p>}
      <Await state={state} onAgain={again}>
        {({ results }) => {
          const names = new Map(campaignOptions(results));
          const others = results.filter((one) => one.id !== id && (one.status !== "draft" || chosen.includes(one.id)));
          return others.length === 0 ? (
            <p class="quiet">{t("There is no other campaign yet.")}</p>
          ) : (
            <ul class="exclude">
              {others.map((one) => (
                <li key={one.id}>
                  <label class="pick">
                    <input
                      type="checkbox"
                      name={NAME}
                      {...(refused ? { "aria-invalid": true } : {})}
                      checked={chosen.includes(one.id)}
                      onChange={() => toggle(one.id)}
                    />
                    {names.get(String(one.id))}{" "}
                    <span class="quiet">{tn("1 participant", "{n} participants", one.n_workers)}</span>
                  </label>
                </li>
              ))}
            </ul>
          );
        }}
      </Await>
    </details>
  );
}
