import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, remove } from "../../../shared/api/client";
import type { Campaign, Photo, TaskRow } from "../../../shared/api/types";
import { number, t, tn } from "../../../shared/texts";
import { SelectField } from "../../kit/fields";
import { usePages } from "../../kit/hooks/pages";
import { useSend } from "../../kit/hooks/send";
import { More } from "../../kit/More";
import { Await, Trouble } from "../../kit/States";
import { RoleDialog } from "./RoleDialog";

const FILTERS = {
  all: "",
  ordinary: "role=ordinary",
  gold: "role=gold",
  practice: "role=practice",
  decided: "role=ordinary&status=decided",
  disputed: "role=ordinary&disputed=true",
} as const;
type Filter = keyof typeof FILTERS;

interface Props {
  readonly campaign: Campaign;
  /** Reloads the list when it changes. */
  readonly nTasks: number;
  readonly onChange: () => void;
}

/** The campaign's tasks: to make some gold or practice, and to delete those added by mistake. */
export function TaskList({ campaign, nTasks, onChange }: Props): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="studio-section tasks" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>{t("Tasks, gold and practice")}</h2>
      </summary>
      {isOpen && <Opened campaign={campaign} nTasks={nTasks} onChange={onChange} />}
    </details>
  );
}

function Opened({ campaign, nTasks, onChange }: Props): JSX.Element {
  const [filter, setFilter] = useState<Filter>("all");
  const [asking, setAsking] = useState<TaskRow | null>(null);
  const [state, again] = usePages<TaskRow>(`campaigns/${campaign.id}/tasks/?page_size=24&${FILTERS[filter]}`, [nTasks]);
  const changed = () => {
    again();
    onChange();
  };
  return (
    <>
      <p class="quiet">
        {t(
          "Gold tasks check workers unnoticed; practice tasks come first and explain the right answer. A settled task keeps its answers: a copy of it becomes gold or practice.",
        )}
      </p>
      <div class="form-row task-tools">
        <SelectField
          label={t("Show")}
          value={filter}
          options={[
            ["all", t("All")],
            ["ordinary", t("Ordinary tasks")],
            ["gold", t("Gold tasks")],
            ["practice", t("Practice tasks")],
            ["decided", t("Decided tasks")],
            ["disputed", t("Disputed tasks")],
          ]}
          onChange={(value) => setFilter(value as Filter)}
        />
        <DeleteAll campaign={campaign} onDone={changed} />
      </div>
      <Await state={state} onAgain={again}>
        {(list) =>
          list.rows.length === 0 ? (
            <p class="notice">{t("No such task.")}</p>
          ) : (
            <>
              <ul class="task-rows">
                {list.rows.map((task) => (
                  <Row key={task.id} task={task} onMark={() => setAsking(task)} onDeleted={changed} />
                ))}
              </ul>
              <More rows={list} />
            </>
          )
        }
      </Await>
      {asking && (
        <RoleDialog
          campaign={campaign}
          task={asking}
          onClose={() => setAsking(null)}
          onDone={() => {
            setAsking(null);
            changed();
          }}
        />
      )}
    </>
  );
}

interface RowProps {
  readonly task: TaskRow;
  readonly onMark: () => void;
  readonly onDeleted: () => void;
}

function Row({ task, onMark, onDeleted }: RowProps): JSX.Element {
  const { isBusy, trouble, send } = useSend();
  const erase = () =>
    send(async () => {
      await remove(`tasks/${task.id}/`);
      onDeleted();
    });
  return (
    <li class="task-row">
      <div class="task-pictures">
        {task.sketch_url && <img src={task.sketch_url} alt={t("The sketch")} loading="lazy" />}
        {[task.a, task.b, task.shown].map((photo) => photo && <Picture key={photo.id} photo={photo} />)}
      </div>
      <p class="task-facts">
        <strong>{roleText(task)}</strong> <span class="quiet">{votesText(task)}</span>
        {task.explanation && <span class="quiet">{task.explanation}</span>}
      </p>
      <p class="form-row">
        {task.kind !== "sketches" && (
          <button type="button" class="action" onClick={onMark}>
            {t("Gold or practice…")}
          </button>
        )}
        {task.n_counted === 0 && task.n_leased === 0 && (
          <button type="button" class="action" aria-disabled={isBusy} onClick={() => void erase()}>
            {t("Delete")}
          </button>
        )}
      </p>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void erase()} />}
    </li>
  );
}

function Picture({ photo }: { photo: Photo }): JSX.Element | null {
  return photo.photo_url ? <img src={photo.photo_url} alt={photo.name} loading="lazy" /> : null;
}

/** Deletes everything that has no answers, after asking once more. */
function DeleteAll({ campaign, onDone }: { campaign: Campaign; onDone: () => void }): JSX.Element {
  const [isSure, setSure] = useState(false);
  const [done, setDone] = useState<{ deleted: number; kept: number } | null>(null);
  const { isBusy, trouble, send } = useSend();
  const erase = () =>
    send(async () => {
      setDone(await api(`campaigns/${campaign.id}/tasks/delete`, { tasks: null }));
      setSure(false);
      onDone();
    });
  return (
    <>
      {isSure ? (
        <>
          <button type="button" class="action action-main" aria-disabled={isBusy} onClick={() => void erase()}>
            {t("Yes, delete all without answers")}
          </button>
          <button type="button" class="action" onClick={() => setSure(false)}>
            {t("Cancel")}
          </button>
        </>
      ) : (
        <button type="button" class="action" onClick={() => setSure(true)}>
          {t("Delete all without answers…")}
        </button>
      )}
      <span role="status">
        {done && tn("1 task deleted", "{n} tasks deleted", done.deleted)}
        {done && done.kept > 0 && `; ${tn("1 kept", "{n} kept", done.kept)}`}
      </span>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void erase()} />}
    </>
  );
}

function roleText(task: TaskRow): string {
  const answer = answerText(task.gold_answer);
  if (task.is_training) return t("Practice: {answer}", { answer });
  if (task.is_gold) return t("Gold: {answer}", { answer });
  return { open: t("Open"), decided: t("Decided"), exhausted: t("No majority") }[task.status];
}

/** A right answer: a side, or the attributes that are there. */
export function answerText(answer: unknown): string {
  if (answer === "a") return t("first photo");
  if (answer === "b") return t("second photo");
  if (answer === "cant_tell") return t("Can’t tell");
  const values = Object.entries((answer ?? {}) as Record<string, boolean>);
  return values.map(([slug, value]) => (value ? slug : t("not {attribute}", { attribute: slug }))).join(", ");
}

function votesText({ n_counted, n_votes, n_a, n_b, kind, is_gold, is_training }: TaskRow): string {
  if (is_gold || is_training) return "";
  const votes = t("{n} of {total}", { n: number(n_counted), total: number(n_votes) });
  return kind === "triplets" && n_counted > 0 ? `${votes} (${n_a} : ${n_b})` : votes;
}
