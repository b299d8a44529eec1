import { Editor } from "./editor";
import { Emitter } from "../shared/emitter";
import { inkBox } from "./geometry";
import { Gestures } from "./gestures";
import { samplesOf } from "./input";
import { KeyboardPen, type KeyboardAction } from "./keyboard";
import { Player } from "./player";
import { Renderer, type Scene } from "./renderer";
import type { Drawing } from "./types";
import { fitView, type Size } from "./viewport";

export interface BoardEvents {
  /** A pen was detected for the first time: fingers now move the sheet. */
  pen: undefined;
  keyboard: KeyboardAction;
  /** A replay started, advanced by a stroke, or ended. */
  replay: { readonly playing: boolean };
}

const POINTER_EVENTS = ["pointerdown", "pointermove", "pointerup", "pointercancel"] as const;

/** The canvas element: connects pointer and keyboard to the editor and paints at most one frame for any number of events. */
export class Board {
  readonly editor = new Editor();
  readonly events = new Emitter<BoardEvents>();
  readonly gestures = new Gestures(this.editor);
  private readonly keyboard = new KeyboardPen(this.editor, (announcement) =>
    this.events.emit("keyboard", announcement),
  );
  private readonly renderer: Renderer;
  private readonly teardown: (() => void)[] = [];
  private player: Player | null = null;
  private frame = 0;
  private size: Size | null = null;
  private colours: { ink: string; accent: string } | null = null;

  constructor(
    private readonly surface: HTMLElement,
    firm: HTMLCanvasElement,
    soft: HTMLCanvasElement,
  ) {
    this.renderer = new Renderer(firm, soft, () => (this.colours ??= this.readColours()));
    this.gestures.onPenSeen = () => this.events.emit("pen", undefined);
    for (const name of POINTER_EVENTS) this.listen(surface, name, (event) => this.onPointer(event as PointerEvent));
    this.listen(surface, "contextmenu", (event) => event.preventDefault());
    this.listen(surface, "keydown", (event) => this.onKey(event as KeyboardEvent));
    this.listen(surface, "blur", () => this.keyboard.rest());
    this.listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.repaint());
    this.listen(document, "themechange", () => this.repaint());
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(surface);
    this.teardown.push(() => observer.disconnect());
    this.teardown.push(this.editor.events.on("drawing", () => this.request()));
    this.teardown.push(this.editor.events.on("live", () => this.request()));
    this.teardown.push(this.editor.events.on("view", () => this.request()));
    this.resize();
  }

  destroy(): void {
    this.player?.skip();
    cancelAnimationFrame(this.frame);
    this.teardown.forEach((undo) => undo());
  }

  /** Whether the sheet is panned or zoomed away from its initial view. */
  get moved(): boolean {
    const fit = this.fit();
    const { scale, x, y } = this.editor.viewport;
    return Math.abs(scale / fit.scale - 1) > 0.01 || Math.abs(x - fit.x) > 1 || Math.abs(y - fit.y) > 1;
  }

  get playing(): boolean {
    return this.player !== null;
  }

  get progress(): number {
    return this.player?.progress ?? 1;
  }

  /** The ink that is on the sheet now, including a replay's. */
  get ink(): Drawing {
    if (!this.player) return this.editor.ink;
    const { strokes, live } = this.player.scene;
    return live ? [...strokes, { ...live, points: [...live.points] }] : strokes;
  }

  /** Shows all ink again. */
  resetView(): void {
    this.editor.viewport = this.fit();
  }

  play(): void {
    this.player?.skip();
    this.resetView();
    this.player = new Player(this.editor.drawing, {
      frame: () => this.request(),
      stroke: () => this.events.emit("replay", { playing: true }),
      done: () => {
        this.player = null;
        this.request();
        this.events.emit("replay", { playing: false });
      },
    });
    this.events.emit("replay", { playing: true });
  }

  skip(): void {
    this.player?.skip();
  }

  private fit() {
    return fitView(this.size ?? { width: 1, height: 1 }, inkBox(this.editor.drawing));
  }

  private onPointer(event: PointerEvent): void {
    if (event.type === "pointerdown") {
      this.skip();
      this.keyboard.rest();
      this.surface.setPointerCapture(event.pointerId);
    }
    for (const sample of samplesOf(event, this.surface.getBoundingClientRect())) this.gestures.feed(sample);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.target !== this.surface || this.gestures.busy || !this.keyboard.press(event)) return;
    event.preventDefault();
    this.skip();
  }

  private resize(): void {
    const keepView = this.size !== null && this.moved;
    const { clientWidth: width, clientHeight: height } = this.surface;
    if (width === 0 || height === 0) return;
    this.size = { width, height };
    this.renderer.resize(width, height, window.devicePixelRatio || 1);
    if (!keepView) this.resetView();
    this.request();
  }

  private repaint(): void {
    this.colours = null;
    this.renderer.forget();
    this.request();
  }

  private request(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.renderer.paint(this.scene());
    });
  }

  private scene(): Scene {
    const { editor, keyboard } = this;
    const { strokes, live } = this.player?.scene ?? { strokes: editor.drawing, live: editor.live };
    return { strokes, live, doomed: editor.doomed, view: editor.viewport, cursor: keyboard.shown ? keyboard : null };
  }

  /** The caret's colour is the accent: unlike a custom property, its computed value can be read. */
  private readColours(): { ink: string; accent: string } {
    const style = getComputedStyle(this.surface);
    return { ink: style.color, accent: style.caretColor };
  }

  private listen(target: EventTarget, name: string, listener: (event: Event) => void): void {
    target.addEventListener(name, listener);
    this.teardown.push(() => target.removeEventListener(name, listener));
  }
}
