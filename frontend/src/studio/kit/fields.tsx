import type { ComponentChildren, JSX } from "preact";
import { useContext, useId } from "preact/hooks";
import { FieldErrors } from "./refusals";

interface GroupProps {
  readonly title: string;
  /** Short fields side by side. */
  readonly isGrid?: boolean;
  readonly children: ComponentChildren;
}

export function Group({ title, isGrid = false, children }: GroupProps): JSX.Element {
  return (
    <fieldset class="form-group">
      <legend>{title}</legend>
      <div class={isGrid ? "form-grid" : "form"}>{children}</div>
    </fieldset>
  );
}

interface FieldProps {
  readonly label: string;
  /** The field's path in the request, by which the server's errors are found. */
  readonly name?: string;
  readonly hint?: string | undefined;
  /** The error. */
  readonly error?: string | undefined;
  readonly required?: boolean;
}

interface TextProps extends FieldProps {
  readonly value: string;
  readonly placeholder?: string;
  readonly pattern?: string;
  readonly max?: number;
  readonly type?: "text" | "url" | "password";
  readonly autoComplete?: string;
  readonly onInput: (value: string) => void;
}

export function TextField({ label, name, hint, error, max, onInput, type = "text", ...input }: TextProps): JSX.Element {
  const field = useField({ name, hint, error });
  return (
    <Labelled id={field.id} label={label} hint={hint} error={field.error}>
      <input
        class="field"
        type={type as "text"}
        {...input}
        {...(max ? { maxLength: max } : {})}
        {...field.input}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Labelled>
  );
}

interface SelectProps extends FieldProps {
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string, isOff?: boolean])[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ label, name, hint, error, value, options, onChange }: SelectProps): JSX.Element {
  const field = useField({ name, hint, error });
  return (
    <Labelled id={field.id} label={label} hint={hint} error={field.error}>
      <select class="field" value={value} {...field.input} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([option, words, isOff = false]) => (
          <option key={option} value={option} disabled={isOff}>
            {words}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

interface AreaProps extends FieldProps {
  readonly value: string;
  readonly rows?: number;
  readonly onInput: (value: string) => void;
}

export function TextArea({ label, name, hint, error, rows = 4, onInput, ...input }: AreaProps): JSX.Element {
  const field = useField({ name, hint, error });
  return (
    <Labelled id={field.id} label={label} hint={hint} error={field.error}>
      <textarea
        class="field"
        rows={rows}
        {...input}
        {...field.input}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Labelled>
  );
}

interface NumberProps extends FieldProps {
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Shown, but not editable. */
  readonly isFixed?: boolean;
  readonly onInput: (value: number) => void;
}

export function NumberField({
  label,
  name,
  hint,
  error,
  min = 0,
  step = 1,
  isFixed,
  onInput,
  ...input
}: NumberProps): JSX.Element {
  const field = useField({ name, hint, error });
  return (
    <Labelled id={field.id} label={label} hint={hint} error={field.error}>
      <input
        class="field"
        type="number"
        required
        min={min}
        step={step}
        disabled={isFixed}
        {...input}
        {...field.input}
        onInput={(event) =>
          Number.isFinite(event.currentTarget.valueAsNumber) && onInput(event.currentTarget.valueAsNumber)
        }
      />
    </Labelled>
  );
}

interface OptionalNumberProps extends FieldProps {
  /** Null: empty, which is not the same as 0. */
  readonly value: number | null;
  readonly min?: number;
  readonly step?: number;
  readonly onInput: (value: number | null) => void;
}

/** A number that may be left out. */
export function OptionalNumberField({
  label,
  name,
  hint,
  error,
  value,
  min = 0,
  step = 1,
  onInput,
}: OptionalNumberProps): JSX.Element {
  const field = useField({ name, hint, error });
  return (
    <Labelled id={field.id} label={label} hint={hint} error={field.error}>
      <input
        class="field"
        type="number"
        min={min}
        step={step}
        value={value ?? ""}
        {...field.input}
        onInput={({ currentTarget: input }) => {
          if (input.value === "") onInput(null);
          else if (Number.isFinite(input.valueAsNumber)) onInput(input.valueAsNumber);
        }}
      />
    </Labelled>
  );
}

interface LabelledProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly error: string | undefined;
  readonly children: ComponentChildren;
}

function Labelled({ id, label, hint, error, children }: LabelledProps): JSX.Element {
  return (
    <div class="form-field">
      <label for={id}>{label}</label>
      {children}
      {error && (
        <small id={`${id}-error`} class="form-error">
          {error}
        </small>
      )}
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

type UsedProps = Partial<Record<"name" | "hint" | "error", string | undefined>>;

/** An input's id, name and error, the server's among them, with the attributes that link it to error and hint. */
function useField({ name, hint, error }: UsedProps) {
  const id = useId();
  const refused = useContext(FieldErrors).get(name ?? "");
  const shown = error ?? refused;
  const ids = [shown && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  const input = {
    id,
    ...(name ? { name } : {}),
    ...(ids ? { "aria-describedby": ids } : {}),
    ...(shown ? { "aria-invalid": true as const } : {}),
  };
  return { id, error: shown, input };
}
