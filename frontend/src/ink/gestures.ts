import type { Editor } from "./editor";
import { Fingers } from "./fingers";
import type { Sample } from "./input";
import { eraser } from "./tools/eraser";
import { pan } from "./tools/pan";
import { pen } from "./tools/pen";
import type { Tool } from "./tools/tool";

/** A second finger within this time, or before this much movement, makes it a gesture; later it is a palm. */
const TENTATIVE_MS = 400;
const TENTATIVE_PX = 32;
/** Touches this soon after the pen was near come from the hand that holds it. */
const PALM_MS = 500;
const ERASER_END = 32;

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "single"; readonly tool: Tool; readonly first: Sample; last: Sample; way: number }
  | { readonly kind: "fingers"; readonly fingers: Fingers };

const IDLE: State = { kind: "idle" };

/** Decides which tool gets a pointer: pen before finger, two fingers before one, without stray lines. */
export class Gestures {
  /** Whether fingers draw although a pen is in use. */
  fingerDraws = false;
  onPenSeen: () => void = () => undefined;
  private state: State = IDLE;
  private penSeen = false;
  private penNear = -Infinity;

  constructor(private readonly editor: Editor) {}

  get penMode(): boolean {
    return this.penSeen;
  }

  get busy(): boolean {
    return this.state.kind !== "idle";
  }

  feed(sample: Sample): void {
    if (sample.type === "pen") this.notePen(sample);
    if (sample.phase === "down") this.down(sample);
    else if (this.state.kind === "fingers") this.feedFingers(this.state.fingers, sample);
    else if (this.state.kind === "single" && this.state.first.id === sample.id) this.feedTool(this.state, sample);
  }

  /** Cancel the gesture, such as when the window loses the pointer. */
  cancel(): void {
    if (this.state.kind === "single") this.state.tool.cancel(this.editor);
    this.state = IDLE;
  }

  private notePen({ t }: Sample): void {
    this.penNear = t;
    if (this.penSeen) return;
    this.penSeen = true;
    this.onPenSeen();
  }

  private down(sample: Sample): void {
    const { state } = this;
    if (sample.type === "touch" && sample.t - this.penNear < PALM_MS && !this.fingerDraws) return;
    if (state.kind === "single" && state.first.id === sample.id) {
      // The browser never reported that this pointer was lifted: keep its stroke.
      state.tool.end(this.editor);
      return this.start(sample);
    }
    if (state.kind === "idle") return this.start(sample);
    if (sample.type === "pen") {
      if (state.kind === "single" && state.first.type !== "touch") return;
      this.cancel();
      return this.start(sample);
    }
    if (sample.type !== "touch") return;
    if (state.kind === "fingers") return state.fingers.add(sample);
    if (state.first.type === "touch" && this.isTentative(state, sample)) {
      state.tool.cancel(this.editor);
      this.state = { kind: "fingers", fingers: new Fingers(this.editor, state.first, state.last, sample) };
    }
  }

  private isTentative({ tool, first, way }: State & { kind: "single" }, sample: Sample): boolean {
    return tool.yields && (sample.t - first.t < TENTATIVE_MS || way < TENTATIVE_PX);
  }

  private start(sample: Sample): void {
    const tool = this.toolFor(sample);
    if (!tool) return;
    tool.begin(this.editor, sample);
    this.state = { kind: "single", tool, first: sample, last: sample, way: 0 };
  }

  private toolFor({ type, buttons }: Sample): Tool | null {
    if (type === "mouse" && buttons & 4) return pan();
    if (type === "mouse" && !(buttons & 1)) return null;
    if (type === "touch" && this.penSeen && !this.fingerDraws) return pan();
    if (type === "pen" && buttons & ERASER_END) return eraser();
    return this.editor.tool === "eraser" ? eraser() : pen();
  }

  private feedTool(state: State & { kind: "single" }, sample: Sample): void {
    if (sample.phase === "move") {
      state.way += Math.hypot(sample.x - state.last.x, sample.y - state.last.y);
      state.last = sample;
      return state.tool.move(this.editor, sample);
    }
    this.state = IDLE;
    if (sample.phase === "up") state.tool.end(this.editor);
    else state.tool.cancel(this.editor);
  }

  private feedFingers(fingers: Fingers, sample: Sample): void {
    if (sample.phase === "move") return fingers.move(sample);
    if (!fingers.lift(sample)) return;
    this.state = IDLE;
    if (fingers.taps(sample.t) === 2) this.editor.undo();
    if (fingers.taps(sample.t) === 3) this.editor.redo();
  }
}
