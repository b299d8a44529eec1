import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Photo } from "../../shared/api/types";
import { Icon } from "../../shared/controls/icons";
import { t } from "../../shared/texts";
import { deviceClass } from "../shell/device";
import type { Item } from "../shell/session/types";
import { Stopwatch } from "../shell/stopwatch";
import type { ItemProps } from "../shell/WorkPage";
import { answered, countAnswered, isComplete, moved, restored, type Sheet, sheetActOf } from "./answers";
import { Row } from "./Row";

export interface AttributeItem extends Item {
  readonly kind: "attributes";
  /** Either a sketch or a product's photo is described. */
  readonly sketch_url: string | null;
  readonly product: Photo | null;
}

export function pictureOf({ product, sketch_url }: AttributeItem): string {
  return product?.photo_url ?? sketch_url ?? "";
}

/** One picture and every attribute of the ontology: yes, no, or can't tell. */
export function Ontology({ work, item, singleKeys }: ItemProps<AttributeItem>): JSX.Element {
  const { ontology } = work.campaign;
  const name = item.product ? item.product.name || t("The photo") : t("The sketch");
  const [sheet, setSheet] = useState<Sheet>(() =>
    restored(
      ontology.map(({ slug }) => slug),
      work.sheets.load(item.id),
    ),
  );
  const rows = useRef<HTMLOListElement>(null);
  const watch = useMemo(() => new Stopwatch(), []);
  const isOpen = work.phase.kind === "item";
  useEffect(() => watch.restart(), []);
  // Kept for a reload, and after the answer for undo; at once, since the next key may send the answer.
  const change = (next: Sheet) => {
    setSheet(next);
    work.sheets.save(item.id, JSON.stringify(next.answers));
  };
  useEffect(() => {
    const row = rows.current?.children[sheet.row];
    row?.scrollIntoView({ block: "nearest" });
    if (rows.current?.contains(document.activeElement)) {
      const radio = row?.querySelector<HTMLInputElement>("input:checked") ?? row?.querySelector("input");
      radio?.focus({ preventScroll: true });
    }
  }, [sheet.row]);

  const submit = () => {
    if (!isOpen || !isComplete(sheet)) return;
    const more = { response_ms: watch.ms, device_class: deviceClass() };
    work.answer(item, "attributes", { values: sheet.answers, ...more });
  };
  const onKey = (event: KeyboardEvent) => {
    const act = sheetActOf(event, singleKeys);
    const at = event.target instanceof Element ? event.target : null;
    if (!act || !isOpen || at?.closest("dialog")) return;
    if ("submit" in act && at?.closest("button, a, summary")) return; // Enter presses it
    event.preventDefault();
    if ("answer" in act) change(answered(sheet, sheet.slugs[sheet.row], act.answer));
    else if ("move" in act) setSheet(moved(sheet, act.move));
    else submit();
  };
  const latest = useRef(onKey);
  latest.current = onKey;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => latest.current(event);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);

  const count = t("{n} of {total} answered", { n: countAnswered(sheet), total: sheet.slugs.length });
  return (
    <div class="ontology" data-assignment={item.id}>
      <div class="ontology-picture">
        <div class="plate">
          <img src={pictureOf(item)} alt={t("Picture to describe: {name}", { name })} decoding="sync" />
        </div>
        <p class="quiet">{name}</p>
      </div>
      <div class="ontology-side">
        <h1 class="judge-question">{t("What do you see?")}</h1>
        <ol class="rows" ref={rows}>
          {ontology.map(({ slug, name: attribute }, i) => (
            <Row
              key={slug}
              slug={`${item.id}-${slug}`}
              name={attribute}
              answer={sheet.answers[slug]}
              isInTurn={isOpen && i === sheet.row}
              onAnswer={(answer) => isOpen && change(answered(sheet, slug, answer))}
            />
          ))}
        </ol>
        <div class="ontology-actions">
          <p role="status">{count}</p>
          <button type="button" class="quiet-action" aria-disabled={!work.canUndo} onClick={() => work.undo()}>
            <Icon name="undo" />
            <span>{t("Undo")}</span>
          </button>
          {!item.training && (
            <button
              type="button"
              class="quiet-action"
              onClick={() => work.answer(item, "attributes", { skip: true }, false)}
            >
              <Icon name="skip" />
              <span>{t("Skip")}</span>
            </button>
          )}
          <button
            type="button"
            class="action action-main"
            aria-disabled={!isOpen || !isComplete(sheet)}
            onClick={submit}
          >
            {t("Save and continue")}
          </button>
        </div>
      </div>
    </div>
  );
}
