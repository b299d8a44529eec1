import { centreLines } from "../ink/outline";
import { fromPayload } from "../ink/payload";
import { matchText } from "./match";
import type { Example, Hit } from "../shared/api/types";
import { h, lines } from "./dom";
import type { EmbeddedSearch } from "./search";
import { type Answer, type Product, type Server } from "./server";
import { SKETCH_BOX } from "./sheet";
import type { Texts } from "./texts";

/** The detail of the event `select`. */
export interface Selected {
  readonly product: Product;
  readonly rank: number;
  readonly match: Hit["match"];
  /** The answer's id, if the server has given one. */
  readonly answer: string | null;
  readonly url: string;
}

const EMPTY_CARDS = 6;

/** The list of products, and before anything is drawn the examples. */
export class Results {
  readonly element = h("ul", { class: "grid", part: "results" });
  readonly line = h("p", { class: "line quiet", role: "status" });
  private shown: unknown = null;

  constructor(
    private readonly texts: Texts,
    private readonly server: Server,
    private readonly search: EmbeddedSearch,
    private readonly target: string,
    private readonly onSelect: (selected: Selected) => boolean,
    private readonly onExample: (example: Example) => void,
  ) {}

  update(isEmpty: boolean): void {
    const { answer, greeting, trouble } = this.search;
    this.line.textContent = this.search.isRefused ? "" : this.summary(isEmpty);
    const state = isEmpty ? (greeting ?? "none") : (answer ?? (trouble ? "none" : "loading"));
    if (state === this.shown) return;
    const items = this.items(isEmpty, state === "loading");
    this.element.classList.toggle("doubtful", !isEmpty && answer?.nothing_close === true);
    this.element.classList.toggle("examples", isEmpty);
    this.element.replaceChildren(...items);
    this.shown = state;
  }

  private items(isEmpty: boolean, isLoading: boolean): readonly HTMLElement[] {
    const { answer, greeting } = this.search;
    if (isEmpty) return (greeting?.examples ?? []).map((example) => this.example(example));
    if (isLoading)
      return Array.from({ length: EMPTY_CARDS }, () => h("li", { class: "card empty", "aria-hidden": "true" }));
    return (answer?.results ?? []).map((hit) => this.card(hit, answer as Answer));
  }

  private card({ product, rank, match }: Hit, answer: Answer): HTMLElement {
    const id = answer.answer_id ?? "";
    const url = this.server.linkOf(product, id, rank);
    const picture = this.server.absolute(product.thumb_url || product.photo_url);
    const onClick = (event: Event) => {
      if (!this.onSelect({ product, rank, match, answer: id || null, url })) event.preventDefault();
    };
    return h(
      "li",
      {
        class: "card",
        part: "card",
        "data-product": product.id,
        "data-rank": rank,
        ...(id ? { "data-answer": id } : {}),
      },
      h(
        "a",
        { href: url, ...(this.target ? { target: this.target, rel: "noopener" } : {}), click: onClick },
        h("img", { src: picture, alt: "", width: 192, height: 192, decoding: "async", draggable: "false" }),
        h("span", { class: "name" }, product.name),
        h("span", { class: `match ${match}` }, matchText(this.texts, match)),
      ),
    );
  }

  private example(example: Example): HTMLElement {
    const label = this.texts.t("Search with example sketch: {name}", { name: example.name });
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "example", "aria-label": label, click: () => this.onExample(example) },
        lines(centreLines(fromPayload(example.sketch)), SKETCH_BOX, "sketch"),
        h("span", { "aria-hidden": "true" }, example.name),
      ),
    );
  }

  private summary(isEmpty: boolean): string {
    const { texts } = this;
    const { answer, greeting, trouble } = this.search;
    if (isEmpty) return greeting?.examples.length ? texts.t("Or start from an example") : "";
    if (!answer) return trouble ? texts.t("No results yet.") : texts.t("Searching…");
    if (answer.results.length === 0) return texts.t("No products found.");
    if (answer.text_matches === 0) {
      return texts.t("No product matches these words; showing results for the drawing alone.");
    }
    if (answer.nothing_close) return texts.t("No close match. These are the closest products; more detail may help.");
    return texts.tn("1 product", "{n} closest products", answer.results.length);
  }
}
