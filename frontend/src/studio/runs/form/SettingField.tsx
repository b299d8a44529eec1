import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { FieldOption, SnapshotName } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { textOf } from "./form";
import { snapshotOptions } from "../../kit/options";

interface Props {
  readonly field: FieldOption;
  /** As typed. */
  readonly value: string;
  readonly isChanged: boolean;
  readonly error: string | undefined;
  readonly snapshots: readonly SnapshotName[];
  readonly onInput: (value: string) => void;
}

/** One setting of a system, by type; name and help are those of the command line, in English. */
export function SettingField(props: Props): JSX.Element {
  const { field, isChanged, error, onInput } = props;
  const id = useId();
  const ids = [...(error ? [`${id}-error`] : []), `${id}-help`].join(" ");
  const aria = { "aria-describedby": ids, ...(error ? { "aria-invalid": true } : {}) } as const;
  return (
    <div class={isChanged ? "form-field setting setting-changed" : "form-field setting"}>
      <label for={id}>
        <code>{field.name}</code>
      </label>
      <Input id={id} aria={aria} {...props} />
      {error && (
        <small id={`${id}-error`} class="form-error">
          {error}
        </small>
      )}
      <small id={`${id}-help`}>
        <span lang="en">{field.help}</span>
        {isChanged && (
          <button type="button" class="link setting-reset" onClick={() => onInput(textOf(field.default))}>
            {t("reset to {value}", { value: textOf(field.default) || t("none") })}
          </button>
        )}
      </small>
    </div>
  );
}

interface InputProps extends Props {
  readonly id: string;
  readonly aria: object;
}

function Input({ id, aria, field, value, snapshots, onInput }: InputProps): JSX.Element {
  const { type, choices, optional } = field;
  if (type === "snapshots")
    return <Several id={id} aria={aria} value={value} snapshots={snapshots} onInput={onInput} />;
  const options = optionsOf(type, choices, snapshots, optional);
  if (options) {
    return (
      <select id={id} class="field" value={value} {...aria} onChange={(event) => onInput(event.currentTarget.value)}>
        {options.map(([option, words]) => (
          <option key={option} value={option} {...(choices?.includes(option) ? { lang: "en" } : {})}>
            {words}
          </option>
        ))}
      </select>
    );
  }
  return (
    <input
      id={id}
      class="field"
      inputMode={type === "int" ? "numeric" : type === "float" ? "decimal" : "text"}
      autocomplete="off"
      spellcheck={false}
      placeholder={optional ? t("none") : ""}
      value={value}
      {...aria}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

function optionsOf(
  type: FieldOption["type"],
  choices: readonly string[] | null,
  snapshots: readonly SnapshotName[],
  optional: boolean,
): readonly (readonly [string, string])[] | null {
  const none = optional ? [["", t("none")] as const] : [];
  if (choices) return [...none, ...choices.map((choice) => [choice, choice] as const)];
  if (type === "bool") return [["true", t("yes")] as const, ["false", t("no")] as const];
  if (type === "snapshot") return [...none, ...snapshotOptions(snapshots)];
  return null;
}

interface SeveralProps {
  readonly id: string;
  readonly aria: object;
  readonly value: string;
  readonly snapshots: readonly SnapshotName[];
  readonly onInput: (value: string) => void;
}

function Several({ id, aria, value, snapshots, onInput }: SeveralProps): JSX.Element {
  const chosen = value.split(",").map((part) => part.trim());
  return (
    <select
      id={id}
      class="field"
      multiple
      {...aria}
      onChange={({ currentTarget }) => onInput([...currentTarget.selectedOptions].map((one) => one.value).join(", "))}
    >
      {snapshotOptions(snapshots).map(([id, name]) => (
        <option key={id} value={id} selected={chosen.includes(id)}>
          {name}
        </option>
      ))}
    </select>
  );
}
