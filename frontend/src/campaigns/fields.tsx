import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

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
  readonly hint?: string;
  readonly required?: boolean;
}

interface TextProps extends FieldProps {
  readonly value: string;
  readonly placeholder?: string;
  readonly pattern?: string;
  readonly max?: number;
  readonly type?: "text" | "url";
  readonly onInput: (value: string) => void;
}

export function TextField({ label, hint, max, onInput, type = "text", ...input }: TextProps): JSX.Element {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint}>
      <input
        id={id}
        class="field"
        type={type as "text"}
        {...input}
        {...(max ? { maxLength: max } : {})}
        {...(hint ? { "aria-describedby": `${id}-hint` } : {})}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </Labelled>
  );
}

interface SelectProps extends FieldProps {
  readonly value: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChange: (value: string) => void;
}

export function SelectField({ label, hint, value, options, onChange }: SelectProps): JSX.Element {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint}>
      <select id={id} class="field" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
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

export function TextArea({ label, hint, rows = 4, onInput, ...input }: AreaProps): JSX.Element {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint}>
      <textarea
        id={id}
        class="field"
        rows={rows}
        {...input}
        {...(hint ? { "aria-describedby": `${id}-hint` } : {})}
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
  /** Shown, but no longer to be changed. */
  readonly isFixed?: boolean;
  readonly onInput: (value: number) => void;
}

export function NumberField({ label, hint, min = 0, step = 1, isFixed, onInput, ...input }: NumberProps): JSX.Element {
  const id = useId();
  return (
    <Labelled id={id} label={label} hint={hint}>
      <input
        id={id}
        class="field"
        type="number"
        required
        min={min}
        step={step}
        disabled={isFixed}
        {...input}
        {...(hint ? { "aria-describedby": `${id}-hint` } : {})}
        onInput={(event) => Number.isFinite(event.currentTarget.valueAsNumber) && onInput(event.currentTarget.valueAsNumber)}
      />
    </Labelled>
  );
}

interface LabelledProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly children: ComponentChildren;
}

function Labelled({ id, label, hint, children }: LabelledProps): JSX.Element {
  return (
    <div class="form-field">
      <label for={id}>{label}</label>
      {children}
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
