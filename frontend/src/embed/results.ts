import { centreLines } from "../ink/outline";
import { fromPayload } from "../ink/payload";
import { matchText } from "./match";
import type { Example, Hit } from "../shared/api/types";
import { h, icon, lines } from "./dom";
import { offer } from "./offer";
import type { EmbeddedSearch } from "./search";
import type { Product, Server } from "./server";
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
    const { aside, answer, greeting, trouble } = this.search;
    this.heading(isEmpty);
    const found = aside ? aside.results : answer;
    const state = isEmpty && !aside ? (greeting ?? "none") : (found ?? (trouble ? "none" : "loading"));
    if (state === this.shown) return;
    const items = this.items(isEmpty && !aside, state === "loading");
    this.element.classList.toggle("doubtful", !isEmpty && !aside && answer?.nothing_close === true);
    this.element.classList.toggle("examples", isEmpty && !aside);
    this.element.replaceChildren(...items);
    this.shown = state;
  }

  private items(isEmpty: boolean, isLoading: boolean): readonly HTMLElement[] {
    const { aside, answer, greeting } = this.search;
    if (isEmpty) return (greeting?.examples ?? []).map((example) => this.example(example));
    if (isLoading)
      return Array.from({ length: EMPTY_CARDS }, () => h("li", { class: "card empty", "aria-hidden": "true" }));
    if (aside) return (aside.results ?? []).map((hit) => this.card(hit, ""));
    return (answer?.results ?? []).map((hit) => this.card(hit, answer?.answer_id ?? ""));
  }

  /** Say what the list shows; beside similar products, with the way back. */
  private heading(isEmpty: boolean): void {
    const { aside, isRefused } = this.search;
    this.line.classList.toggle("aside", aside !== null);
    if (!aside) {
      this.line.textContent = isRefused ? "" : this.summary(isEmpty);
      return;
    }
    const back = this.texts.t("Back to the results for the drawing");
    this.line.replaceChildren(
      h("span", {}, this.texts.t("Similar to {name}", { name: aside.product.name })),
      h(
        "button",
        { type: "button", class: "back", "aria-label": back, title: back, click: () => this.search.leaveAside() },
        icon("close"),
      ),
    );
  }

  /** id: of the answer that the hit is from; empty without one. */
  private card({ product, rank, match, folded = 0 }: Hit, id: string): HTMLElement {
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
        ...offer(this.texts, product),
        h("span", { class: `match ${match}` }, matchText(this.texts, match)),
      ),
      ...(folded > 0 ? [this.similar(product, folded)] : []),
    );
  }

  private similar(product: Product, n: number): HTMLElement {
    const title = this.texts.tn("Show 1 near-identical product", "Show {n} near-identical products", n);
    const label = this.texts.t("+{n} similar", { n });
    return h(
      "button",
      { type: "button", class: "similar", title, click: () => void this.search.similarTo(product) },
      label,
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
