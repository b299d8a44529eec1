import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api, put } from "../../shared/api/client";
import type { FeedMapping } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { SelectField, TextField } from "../kit/fields";
import { useLoad } from "../kit/hooks/load";
import { useSend } from "../kit/hooks/send";
import { Await, Trouble } from "../kit/States";
import { layoutHelp, targetLabel } from "./labels";

interface Props {
  readonly id: string;
  /** Whether the columns are confirmed and nothing is missing. */
  readonly onReady: (isReady: boolean) => void;
}

/** What each column of the feed is taken for, to confirm or to change. */
export function Columns({ id, onReady }: Props): JSX.Element {
  const [state, again] = useLoad(() => api<FeedMapping>(`catalog/imports/${id}/mapping/`), [id]);
  return (
    <section class="studio-section" aria-labelledby="import-columns">
      <h2 id="import-columns">{t("Columns")}</h2>
      <Await state={state} onAgain={again} rows={6}>
        {(mapping) => <Editor id={id} mapping={mapping} onReady={onReady} />}
      </Await>
    </section>
  );
}

function Editor({ id, mapping, onReady }: Props & { readonly mapping: FeedMapping }): JSX.Element {
  const [shown, setShown] = useState(mapping);
  const [targets, setTargets] = useState(() => targetsOf(mapping));
  const [constants, setConstants] = useState<Readonly<Record<string, string>>>(mapping.constants);
  const [encoding, setEncoding] = useState(mapping.encoding_given);
  const [isChanged, setChanged] = useState(!mapping.kept);
  const { isBusy, trouble, send } = useSend();
  useEffect(() => onReady(!isChanged && !shown.problem), [isChanged, shown]);
  const edit = (change: () => void) => {
    change();
    setChanged(true);
  };
  const confirm = () =>
    send(async () => {
      const given = Object.fromEntries(Object.entries(constants).filter(([, text]) => text.trim() !== ""));
      const saved = await put<FeedMapping>(`catalog/imports/${id}/mapping/`, {
        layout: mapping.layout,
        columns: targets,
        constants: given,
        encoding,
      });
      setShown(saved);
      setTargets(targetsOf(saved));
      setChanged(false);
    });
  const constant = (name: string, label: string, hint: string) => (
    <TextField
      label={label}
      hint={hint}
      value={constants[name] ?? ""}
      onInput={(text) => edit(() => setConstants({ ...constants, [name]: text }))}
    />
  );
  return (
    <>
      <p>
        <strong>{mapping.title}</strong> <span class="quiet">{layoutHelp(mapping.layout)}</span>
      </p>
      <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="import-columns">
        <table class="table studio-table imports-columns">
          <thead>
            <tr>
              <th scope="col">{t("Column")}</th>
              <th scope="col">{t("Field")}</th>
              <th scope="col">{t("Examples")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.columns.map(({ name, examples }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <Target
                    column={name}
                    value={targets[name] ?? ""}
                    options={shown.targets}
                    onChange={(target) => edit(() => setTargets({ ...targets, [name]: target }))}
                  />
                </td>
                <td class="quiet imports-examples">{examples.join(" · ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div class="form-grid imports-constants">
        {shown.encodings.length > 0 && (
          <SelectField
            label={t("Encoding of the feed")}
            hint={t("Read as {encoding}. Change it if letters in the examples are wrong.", {
              encoding: shown.encoding,
            })}
            value={encoding}
            options={[["", t("As detected")], ...shown.encodings.map((name) => [name, name] as const)]}
            onChange={(name) => edit(() => setEncoding(name))}
          />
        )}
        {constant("currency", t("Currency of prices without one"), t("Such as EUR"))}
        {constant("category", t("Category of products without one"), "")}
        {constant(
          "link",
          t("Page in the shop, for products without one"),
          t("May insert columns: {example}", {
            example: "https://shop.example/products/{Handle}",
          }),
        )}
      </div>
      {shown.problem && !isChanged && (
        <p class="notice notice-problem" role="alert">
          {shown.problem}
        </p>
      )}
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void confirm()} />}
      <div class="imports-actions">
        <button
          type="button"
          class={isChanged ? "action action-main" : "action"}
          aria-disabled={isBusy}
          onClick={() => void confirm()}
        >
          {isBusy ? t("Saving…") : t("Confirm columns")}
        </button>
        {!isChanged && !shown.problem && (
          <span class="quiet">{t("Confirmed, also for the next feed with these columns.")}</span>
        )}
      </div>
    </>
  );
}

interface TargetProps {
  readonly column: string;
  readonly value: string;
  readonly options: readonly string[];
  readonly onChange: (target: string) => void;
}

function Target({ column, value, options, onChange }: TargetProps): JSX.Element {
  const attribute = value.startsWith("attr.") ? value : `attr.${column.replace(/[{}]/g, "").slice(0, 200)}`;
  return (
    <select class="field" aria-label={column} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{t("Not imported")}</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {targetLabel(option)}
        </option>
      ))}
      <option value={attribute}>{attributeLabel(attribute.slice("attr.".length))}</option>
    </select>
  );
}

/** An attribute's name, or the column that has it: "{Option1 Name}". */
function attributeLabel(name: string): string {
  const column = /^\{(.+)\}$/.exec(name)?.[1];
  return column ? t("Attribute named in “{column}”", { column }) : t("Attribute “{name}”", { name });
}

function targetsOf(mapping: FeedMapping): Readonly<Record<string, string>> {
  return Object.fromEntries(mapping.columns.map(({ name, target }) => [name, target]));
}
