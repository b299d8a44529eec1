import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, remove } from "../../../shared/api/client";
import type { Options, Rule, Rules as Listed } from "../../../shared/api/types";
import { Dialog } from "../../../shared/controls/Dialog";
import { number, t } from "../../../shared/texts";
import { useLoad } from "../../kit/hooks/load";
import { useSend } from "../../kit/hooks/send";
import { Await, Trouble } from "../../kit/States";
import { statusText } from "../words";
import { RuleForm } from "./RuleForm";

interface Loaded extends Listed {
  readonly options: Options;
}

/** Rules that retrain a model whenever a campaign has enough new triplets. */
export function Rules(): JSX.Element {
  const [state, again] = useLoad(async (): Promise<Loaded> => {
    const options = api<Options>("runs/options/");
    return { ...(await api<Listed>("rules/")), options: await options };
  });
  return (
    <>
      <nav class="crumbs" aria-label={t("Runs")}>
        <a href="/studio/runs/">{t("Runs")}</a> <span aria-hidden="true">/</span> {t("Retrain rules")}
      </nav>
      <div class="page-head">
        <h1>{t("Retrain rules")}</h1>
      </div>
      <p class="quiet rules-intro">
        {t(
          "A rule freezes a campaign’s answers and starts a run whenever there are enough new triplets. The model passes through the gate like any other.",
        )}
      </p>
      <Await state={state} onAgain={again} rows={6}>
        {(data) => <Content data={data} onDone={again} />}
      </Await>
    </>
  );
}

function Content({ data, onDone }: { data: Loaded; onDone: () => void }): JSX.Element {
  const [editing, setEditing] = useState<Rule | "new" | null>(null);
  if (data.campaigns.length === 0 && data.rules.length === 0)
    return (
      <div class="blank">
        <h2>{t("No campaign can retrain a model")}</h2>
        <p>{t("Only campaigns of triplets can. Create one first.")}</p>
        <p class="blank-actions">
          <a class="action action-main" href="/studio/campaigns/new/">
            {t("New campaign")}
          </a>
        </p>
      </div>
    );
  if (editing !== null)
    return (
      <RuleForm
        key={editing === "new" ? 0 : editing.id}
        rule={editing === "new" ? null : editing}
        options={data.options}
        campaigns={data.campaigns}
        onDone={() => {
          setEditing(null);
          onDone();
        }}
        onBack={() => setEditing(null)}
      />
    );
  return (
    <>
      {data.rules.length > 0 && <Table rules={data.rules} onEdit={setEditing} onDone={onDone} />}
      <p class="form-row">
        <button type="button" class="action action-main" onClick={() => setEditing("new")}>
          {t("New rule")}
        </button>
      </p>
    </>
  );
}

interface TableProps {
  readonly rules: readonly Rule[];
  readonly onEdit: (rule: Rule) => void;
  readonly onDone: () => void;
}

function Table({ rules, onEdit, onDone }: TableProps): JSX.Element {
  const [doomed, setDoomed] = useState<Rule | null>(null);
  const { trouble, send } = useSend();
  const drop = (rule: Rule) =>
    void send(async () => {
      await remove(`rules/${rule.id}/`);
      setDoomed(null);
      onDone();
    });
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-label={t("Retrain rules")}>
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Campaign")}</th>
            <th scope="col">{t("System")}</th>
            <th scope="col">{t("New triplets")}</th>
            <th scope="col">{t("Status")}</th>
            <th scope="col">{t("Last run")}</th>
            <th scope="col">
              <span class="visually-hidden">{t("Actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.id}>
              <th scope="row">
                <a href={`/studio/campaigns/${rule.campaign.id}/`}>{rule.campaign.title}</a>
              </th>
              <td>
                {rule.system} <small>{rule.profile}</small>
              </td>
              <td>{t("{n} of {total}", { n: number(rule.new_triplets), total: number(rule.min_new_triplets) })}</td>
              <td>
                {rule.enabled ? t("on") : t("off")}
                {rule.auto_promote && <small>{t("promotes by itself")}</small>}
                {rule.problem && <small>{t("The last attempt failed: {why}", { why: rule.problem })}</small>}
              </td>
              <td>
                {rule.last_run ? (
                  <a href={`/studio/runs/${rule.last_run.id}/`}>
                    {t("Run {id}", { id: rule.last_run.id })}, {statusText(rule.last_run.status)}
                  </a>
                ) : (
                  "–"
                )}
              </td>
              <td class="rules-acts">
                <button type="button" class="link" onClick={() => onEdit(rule)}>
                  {t("Edit")}
                </button>
                <button type="button" class="link" onClick={() => setDoomed(rule)}>
                  {t("Delete")}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {doomed && (
        <Dialog title={t("Delete this rule?")} onClose={() => setDoomed(null)}>
          <p>{t("Its runs and models stay.")}</p>
          {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => drop(doomed)} />}
          <button type="button" class="action action-main" onClick={() => drop(doomed)}>
            {t("Delete")}
          </button>
        </Dialog>
      )}
    </div>
  );
}
