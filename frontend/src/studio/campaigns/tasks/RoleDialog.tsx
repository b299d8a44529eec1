import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { put } from "../../../shared/api/client";
import type { Campaign, TaskRole, TaskRow } from "../../../shared/api/types";
import { Dialog } from "../../../shared/controls/Dialog";
import { t } from "../../../shared/texts";
import { SelectField, TextArea } from "../../kit/fields";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";

interface Props {
  readonly campaign: Campaign;
  readonly task: Pick<TaskRow, "id" | "is_gold" | "is_training" | "gold_answer" | "explanation"> & {
    /** The answer that most votes support, proposed as the right one. */
    readonly leading: string;
  };
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Makes a task gold or practice, with its right answer and, for practice, the reason. */
export function RoleDialog({ campaign, task, onClose, onDone }: Props): JSX.Element {
  const before: TaskRole = task.is_training ? "practice" : task.is_gold ? "gold" : "ordinary";
  const [role, setRole] = useState<TaskRole>(before === "ordinary" ? "gold" : before);
  const [answer, setAnswer] = useState<unknown>(task.gold_answer ?? (task.leading || null));
  const [explanation, setExplanation] = useState(task.explanation ?? "");
  const { isBusy, trouble, send } = useSend();
  const save = () =>
    send(async () => {
      const body = role === "ordinary" ? { role } : { role, answer, explanation };
      await put(`tasks/${task.id}/`, body);
      onDone();
    });
  return (
    <Dialog title={t("Gold or practice")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <SelectField
          label={t("Role")}
          value={role}
          options={[
            ["gold", t("Gold: checks workers unnoticed")],
            ["practice", t("Practice: comes first, with feedback")],
            ["ordinary", t("Ordinary task")],
          ]}
          onChange={(value) => setRole(value as TaskRole)}
        />
        {role !== "ordinary" && <Answer campaign={campaign} answer={answer} onChange={setAnswer} />}
        {role === "practice" && (
          <TextArea
            label={t("Explanation")}
            hint={t("Shown after the answer.")}
            value={explanation}
            rows={3}
            onInput={setExplanation}
          />
        )}
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void save()} />}
        <p>
          <button class="action action-main" aria-disabled={isBusy}>
            {isBusy ? t("Saving…") : t("Save")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

interface AnswerProps {
  readonly campaign: Campaign;
  readonly answer: unknown;
  readonly onChange: (answer: unknown) => void;
}

/** The right answer: a side of a triplet, or yes and no for some attributes. */
function Answer({ campaign, answer, onChange }: AnswerProps): JSX.Element {
  if (campaign.kind === "triplets") {
    return (
      <SelectField
        label={t("Right answer")}
        value={typeof answer === "string" ? answer : ""}
        options={[
          ["", t("Choose…"), true],
          ["a", t("First photo")],
          ["b", t("Second photo")],
          ["cant_tell", t("Can’t tell")],
        ]}
        onChange={onChange}
      />
    );
  }
  const values = (answer ?? {}) as Record<string, boolean>;
  return (
    <div class="form-grid">
      {(campaign.settings.ontology ?? []).map(({ slug, en }) => (
        <SelectField
          key={slug}
          label={en}
          value={slug in values ? String(values[slug]) : ""}
          options={[
            ["", t("Not checked")],
            ["true", t("Yes")],
            ["false", t("No")],
          ]}
          onChange={(value) => {
            const { [slug]: _, ...others } = values;
            onChange(value === "" ? others : { ...others, [slug]: value === "true" });
          }}
        />
      ))}
    </div>
  );
}
