import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Campaign, Estimate } from "../../../shared/api/types";
import { number, t } from "../../../shared/texts";
import { NumberField, SelectField } from "../../kit/fields";
import { decimal } from "../../kit/figures";
import { useLoad } from "../../kit/hooks/load";
import { campaignOptions } from "../../kit/options";
import { Await } from "../../kit/States";
import { money } from "../figures";
import { estimateBody, type TaskPlan } from "./taskPlan";

interface Props {
  readonly campaign: Campaign;
  readonly taskPlan: TaskPlan;
  readonly nTasks: number;
}

/** What the campaign will take: with the tasks that it has, or also with those of the form, before they are made. */
export function EstimateView({ campaign, taskPlan, nTasks }: Props): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="form-more estimate" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("What will it cost?")}</summary>
      {isOpen && <Opened campaign={campaign} taskPlan={taskPlan} nTasks={nTasks} />}
    </details>
  );
}

function Opened({ campaign, taskPlan, nTasks }: Props): JSX.Element {
  const [addsMore, setAddsMore] = useState(false);
  const [pilot, setPilot] = useState("");
  const [effectPercent, setEffect] = useState(60);
  const [alphaPercent, setAlpha] = useState(5);
  const [others] = useLoad(() => api<{ results: readonly Campaign[] }>("campaigns/?page_size=100"));
  const how = { pilot: Number(pilot) || null, effect: effectPercent / 100, alpha: alphaPercent / 100 };
  const body = estimateBody(campaign.kind, nTasks > 0 && !addsMore ? null : taskPlan, how);
  const [state, again] = useLoad(
    () => api<Estimate>(`campaigns/${campaign.id}/estimate/`, body),
    [JSON.stringify(body), nTasks],
  );
  const pilots = others.kind === "ready" ? others.data.results.filter((one) => isPilotOf(one, campaign)) : [];
  return (
    <>
      <div class="form-grid">
        {nTasks > 0 && (
          <SelectField
            label={t("Cost of")}
            value={addsMore ? "more" : ""}
            options={[
              ["", t("The tasks that there are")],
              ["more", t("These and the selection above")],
            ]}
            onChange={(value) => setAddsMore(value === "more")}
          />
        )}
        <SelectField
          label={t("Pace of")}
          value={pilot}
          options={[["", t("This campaign so far")], ...campaignOptions(pilots)]}
          onChange={setPilot}
        />
        <NumberField
          label={t("Preferred in (%)")}
          hint={t("How often one side is chosen, if there is an effect.")}
          value={effectPercent}
          min={50}
          max={100}
          onInput={setEffect}
        />
        <NumberField label={t("Significance level (%)")} value={alphaPercent} min={1} max={50} onInput={setAlpha} />
      </div>
      <Await state={state} onAgain={again} rows={4}>
        {(estimate) => <Figures estimate={estimate} />}
      </Await>
    </>
  );
}

function Figures({ estimate: e }: { estimate: Estimate }): JSX.Element {
  const currency = e.currency || "EUR";
  const rows: [label: string, value: string, note?: string | undefined][] = [
    [
      t("Tasks"),
      e.n_adaptive > 0
        ? t("{now} now, about {more} more, at most {most}", {
            now: number(e.n_existing),
            more: number(e.n_planned),
            most: number(e.n_planned_max),
          })
        : e.n_planned > 0
          ? t("{now} now, {more} more", { now: number(e.n_existing), more: number(e.n_planned) })
          : number(e.n_existing),
      e.n_adaptive > 0 ? pairsText(e) : undefined,
    ],
    [
      t("Votes"),
      t("about {n} ({min} to {max})", { n: number(e.votes), min: number(e.votes_min), max: number(e.votes_max) }),
      e.split_tasks > 0
        ? t("Workers disagreed on {share} % of {n} triplets.", percentOf(e.split_share, e.split_tasks))
        : t("Assumed: workers disagree on {share} % of triplets.", percentOf(e.split_share, 0)),
    ],
    [
      t("Gold and practice answers"),
      t("{gold} and {practice}", { gold: number(e.gold_answers), practice: number(e.practice_answers) }),
    ],
    [
      t("People"),
      number(e.people),
      e.people_max > e.people ? t("At most {n}.", { n: number(e.people_max) }) : undefined,
    ],
    [
      t("Person-hours"),
      decimal(e.hours, 1),
      e.pace_votes > 0
        ? t("At {s} s per answer, measured on {n} answers.", {
            s: decimal(e.seconds_per_answer, 1),
            n: number(e.pace_votes),
          })
        : t("Assumed: {s} s per answer. There is no pilot with enough answers.", {
            s: decimal(e.seconds_per_answer, 1),
          }),
    ],
    [
      t("Pay"),
      e.pay === null ? t("not stated") : money(e.pay, currency),
      [
        e.pay_per_hour === null ? "" : t("{amount} per hour", { amount: money(e.pay_per_hour, currency) }),
        e.pay !== null && e.pay_max !== null && e.pay_max > e.pay
          ? t("At most {amount}, if all votes are needed.", { amount: money(e.pay_max, currency) })
          : "",
      ]
        .filter(Boolean)
        .join("; ") || undefined,
    ],
    ...bonusRows(e, currency),
    [
      t("Power"),
      t("{n} %", { n: number(Math.round(e.power * 100)) }),
      e.detectable === null
        ? t("Too few tasks to find any effect.")
        : t(
            "A share of {n} % is found with a power of 80 %. Sign test over the tasks, which counts them as independent.",
            {
              n: decimal(e.detectable * 100, 1),
            },
          ),
    ],
  ];
  return (
    <>
      <dl class="estimate-figures">
        {rows.map(([label, value, note]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {value}
              {note && <small class="quiet">{note}</small>}
            </dd>
          </div>
        ))}
      </dl>
      {e.exceeds_cap && (
        <p class="notice notice-problem">
          {t("Pay and bonuses exceed the spending cap of {cap}: the campaign will stop before it is done.", {
            cap: money(e.spending_cap, currency),
          })}
        </p>
      )}
    </>
  );
}

/** What the number of pairs that votes choose is based on. */
function pairsText(e: Estimate): string {
  const sketches = { n: number(e.n_adaptive) };
  return e.pace_sketches > 0
    ? t("An estimate: the votes choose the pairs of {n} sketches. Measured on {of} sketches in order.", {
        ...sketches,
        of: number(e.pace_sketches),
      })
    : t("An estimate: the votes choose the pairs of {n} sketches. Assumed: as many as on recorded votes.", sketches);
}

function bonusRows(e: Estimate, currency: string): [label: string, value: string, note: string][] {
  if (e.bonus === null) return [];
  return [
    [t("Bonuses"), t("at most {amount}", { amount: money(e.bonus, currency) }), t("If everybody earns all of it.")],
  ];
}

function percentOf(share: number, n: number): { share: string; n: string } {
  return { share: number(Math.round(share * 100)), n: number(n) };
}

function isPilotOf(one: Campaign, campaign: Campaign): boolean {
  return one.kind === campaign.kind && one.id !== campaign.id && one.n_votes > 0;
}
