import { MAX_TEXT } from "../search/live/query";
import type { RecognisedName } from "../shared/api/types";
import { h } from "./dom";
import type { EmbeddedSearch } from "./search";
import type { Texts } from "./texts";

const PAUSE_MS = 350;

/** Words that narrow the results, applied when typing pauses. */
export function wordsForm(texts: Texts, search: EmbeddedSearch): { form: HTMLFormElement; input: HTMLInputElement } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const input = h("input", {
    type: "text",
    class: "words",
    part: "words",
    maxlength: MAX_TEXT,
    autocomplete: "off",
    enterkeyhint: "search",
    "aria-label": texts.t("Words that narrow the results"),
    placeholder: texts.t("Add words"),
    input: () => {
      clearTimeout(timer);
      timer = setTimeout(apply, PAUSE_MS);
    },
  });
  const apply = () => {
    clearTimeout(timer);
    const text = input.value.trim();
    if (text !== search.filters.text) search.narrow({ text });
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    apply();
  };
  return { form: h("form", { role: "search", submit: onSubmit }, input), input };
}

/** What the drawing is recognised as: chips that narrow the results to a name. */
export class Chips {
  readonly element = h("div", { class: "chips", part: "chips", role: "group" });
  private shown = "";

  constructor(
    private readonly texts: Texts,
    private readonly search: EmbeddedSearch,
  ) {}

  update(isEmpty: boolean): void {
    this.element.hidden = isEmpty;
    const { recognised } = this.search.answer ?? {};
    const { name: chosen } = this.search.filters;
    const found: readonly RecognisedName[] = isEmpty ? [] : (recognised?.names ?? []);
    const kept = chosen && !isEmpty && !found.some(({ name }) => name === chosen.name);
    const names = (kept ? [{ ...chosen, n_products: 1 }, ...found] : found).filter(({ n_products }) => n_products > 0);
    const state = JSON.stringify([names, chosen]);
    if (state === this.shown) return; // the focus stays on a chip
    this.shown = state;
    this.element.setAttribute(
      "aria-label",
      recognised?.sure === false ? this.texts.t("Not sure what this is") : this.texts.t("Recognised"),
    );
    const focused = (this.element.getRootNode() as ShadowRoot).activeElement?.getAttribute("data-name");
    const chips = names.map(({ name, label }) => {
      const isChosen = name === chosen?.name;
      const click = () => this.search.narrow({ name: isChosen ? null : { name, label } });
      return h(
        "button",
        { type: "button", class: "chip", "data-name": name, "aria-pressed": String(isChosen), click },
        label,
      );
    });
    this.element.replaceChildren(...chips);
    chips.find((chip) => chip.dataset.name === focused)?.focus();
  }
}
