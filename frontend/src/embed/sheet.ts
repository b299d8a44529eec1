import { Board } from "../ink/board";
import { centreLines } from "../ink/outline";
import { fromPayload } from "../ink/payload";
import { PAGE } from "../ink/types";
import type { Invitation } from "../shared/api/types";
import { actOnKey } from "../shared/shortcuts";
import { isTyping } from "../shared/typing";
import { h, icon, lines } from "./dom";
import type { Texts } from "./texts";

export const SKETCH_BOX = `-20 -20 ${PAGE + 40} ${PAGE + 40}`;

/** The sheet with its tools, and on an empty sheet the invitation. */
export class Sheet {
  readonly element: HTMLElement;
  readonly board: Board;
  private readonly invite = h("div", { class: "invite", "aria-hidden": "true" });
  private readonly tools: readonly (readonly [
    button: HTMLButtonElement,
    update: (button: HTMLButtonElement) => void,
  ])[];

  constructor(private readonly texts: Texts) {
    const canvases = [0, 1].map(() => h("canvas", { "aria-hidden": "true" }));
    const surface = h(
      "div",
      {
        class: "surface",
        tabindex: 0,
        role: "application",
        "aria-label": texts.t("Drawing canvas"),
        "aria-description": texts.t(
          "Draw with a mouse, pen or finger. With the keyboard, the arrow keys move the pen (Shift for large steps, Alt for small ones), the space bar puts the pen down or lifts it, and Escape discards the stroke.",
        ),
      },
      ...canvases,
    );
    this.board = new Board(surface, canvases[0], canvases[1]);
    const { editor } = this.board;
    const tool = (name: "pen" | "eraser", label: string) =>
      this.tool(
        name,
        label,
        () => (editor.tool = name),
        (button) => button.setAttribute("aria-pressed", String(editor.tool === name)),
      );
    this.tools = [
      tool("pen", texts.t("Pen")),
      tool("eraser", texts.t("Stroke eraser")),
      this.tool(
        "undo",
        texts.t("Undo"),
        () => editor.undo(),
        (button) => (button.disabled = !editor.canUndo),
      ),
      this.tool(
        "redo",
        texts.t("Redo"),
        () => editor.redo(),
        (button) => (button.disabled = !editor.canRedo),
      ),
      this.tool(
        "clear",
        texts.t("Clear canvas"),
        () => editor.clear(),
        (button) => (button.disabled = this.isEmpty),
      ),
    ];
    this.element = h(
      "div",
      { class: "desk", part: "desk", keydown: (event) => this.onKey(event as KeyboardEvent) },
      h("div", { class: "sheet", part: "sheet" }, this.invite, surface),
      h(
        "div",
        { class: "tools", role: "toolbar", "aria-label": texts.t("Drawing canvas") },
        ...this.tools.map(([button]) => button),
      ),
    );
    editor.events.on("view", () => this.update());
    this.update();
  }

  get isEmpty(): boolean {
    return this.board.ink.length === 0;
  }

  update(): void {
    this.invite.hidden = !this.isEmpty;
    this.tools.forEach(([button, update]) => update(button));
  }

  /** Show what the catalogue sells. */
  greet({ names, sketch }: Invitation): void {
    const { texts } = this;
    this.invite.replaceChildren(
      ...(sketch ? [lines(centreLines(fromPayload(sketch)), SKETCH_BOX, "invite-sketch")] : []),
      h("p", { class: "invite-title" }, texts.t("Draw what you are looking for")),
      h(
        "p",
        { class: "quiet" },
        names.length > 0
          ? texts.t("such as: {names}. Results appear from the first stroke.", { names: names.join(", ") })
          : texts.t("Results appear from the first stroke."),
      ),
    );
  }

  private tool(
    name: Parameters<typeof icon>[0],
    label: string,
    act: () => void,
    update: (button: HTMLButtonElement) => void,
  ) {
    const button = h(
      "button",
      { type: "button", class: "tool", "aria-label": label, title: label, click: act },
      icon(name),
    );
    return [button, update] as const;
  }

  /** Shortcuts with Ctrl only, so that single keys stay the page's. */
  private onKey(event: KeyboardEvent): void {
    const target = { editor: this.board.editor, singleKeys: false, setBrush: () => undefined };
    if (!isTyping(event.target) && actOnKey(event, target)) event.preventDefault();
  }
}
