import { fromPayload, toPayload } from "../ink/payload";
import { h } from "./dom";
import { Chips, wordsForm } from "./narrowing";
import { notice } from "./notice";
import { Results, type Selected } from "./results";
import { EmbeddedSearch } from "./search";
import { Server } from "./server";
import { Sheet } from "./sheet";
import css from "./style.css?inline";
import { Texts } from "./texts";

/** A touch may still become a two-finger gesture, so its start is not searched. */
const SETTLED_MS = 300;

/**
 * `<sketch-search key="pk_...">`: a sheet, and the products that look like what is drawn on it.
 *
 * Attributes: `key`; `server`, by default where the script comes from; `lang`; `theme` ("light", "dark"); `target` of links.
 * Events: `select` when a product is opened, which `preventDefault` keeps from happening; `results` with each answer.
 */
export class SketchSearch extends HTMLElement {
  static readonly observedAttributes = ["key", "lang", "server", "target"];
  /** Where the script comes from. */
  static home = "";
  private stop: (() => void) | null = null;

  connectedCallback(): void {
    if (!this.shadowRoot) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    }
    this.start();
  }

  disconnectedCallback(): void {
    this.stop?.();
    this.stop = null;
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (this.stop && before !== after) this.start();
  }

  private start(): void {
    this.stop?.();
    const texts = Texts.of(this);
    const server = new Server(
      this.getAttribute("server") ?? SketchSearch.home,
      this.getAttribute("key") ?? "",
      texts.language,
    );
    const search = new EmbeddedSearch(server);
    const sheet = new Sheet(texts);
    const { board } = sheet;
    const words = wordsForm(texts, search);
    const chips = new Chips(texts, search);
    const results = new Results(
      texts,
      server,
      search,
      this.getAttribute("target") ?? "",
      (selected) => this.tell<Selected>("select", selected, true),
      ({ sketch }) => board.editor.load(fromPayload(sketch)),
    );
    const notes = h("div", { class: "notes" });
    const side = h("section", { class: "side", "aria-label": texts.t("Search") });
    side.append(words.form, chips.element, results.line, results.element);
    this.shadowRoot?.replaceChildren(h("div", { class: "root", lang: texts.language }, sheet.element, side, notes));

    const ask = (live: boolean) => {
      search.leaveAside();
      if (sheet.isEmpty) search.session.reset();
      else search.session.submit(() => toPayload(board.ink), { live });
    };
    let [greeted, answered, told]: unknown[] = [null, null, ""];
    const update = () => {
      const { greeting, answer, trouble, isRefused } = search;
      if (greeting && greeting !== greeted) {
        greeted = greeting;
        sheet.greet(greeting.invitation);
        const examples = greeting.invitation.words.join(", ");
        if (examples) words.input.placeholder = texts.t("Add words: {words} …", { words: examples });
      }
      side.setAttribute("aria-busy", String(search.searching));
      sheet.update();
      chips.update(sheet.isEmpty);
      results.update(sheet.isEmpty);
      const state = JSON.stringify([trouble, isRefused]);
      if (state !== told) {
        told = state;
        notes.replaceChildren(...(trouble ? [notice(texts, trouble, isRefused, () => search.again())] : []));
      }
      if (answer && answer !== answered) {
        const { results: found, recognised = null, nothing_close = false, answer_id = null } = answer;
        this.tell("results", { results: found, recognised, nothing_close, answer: answer_id });
      }
      answered = answer;
    };
    const stops = [
      search.events.on("change", update),
      board.editor.events.on("drawing", ({ reason }) => {
        if (reason === "load") board.resetView();
        if (reason === "load" || sheet.isEmpty) search.narrow({ name: null });
        ask(false);
        update();
      }),
      board.editor.events.on("live", () => {
        if (board.editor.live && board.editor.liveMs > SETTLED_MS) ask(true);
        sheet.update();
      }),
    ];
    this.stop = () => {
      stops.forEach((stop) => stop());
      search.close();
      board.destroy();
    };
    update();
  }

  /** Dispatch an event; return whether nobody has prevented its default. */
  private tell<T>(name: string, detail: T, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent<T>(name, { detail, bubbles: true, composed: true, cancelable }));
  }
}
