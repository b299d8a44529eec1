import type { Editor } from "../editor";
import type { Sample } from "../input";

/** One pointer's job from down to up. `cancel` leaves the drawing as it was. */
export interface Tool {
  /** True when a second finger early in the gesture may take the pointer over. */
  readonly yields: boolean;
  begin(editor: Editor, sample: Sample): void;
  move(editor: Editor, sample: Sample): void;
  end(editor: Editor): void;
  cancel(editor: Editor): void;
}
