import type { Editor } from "../editor";
import type { Sample } from "../input";

/** Handles one pointer from down to up. `cancel` leaves the drawing unchanged. */
export interface Tool {
  /** Whether a second finger may turn the early gesture into another. */
  readonly yields: boolean;
  begin(editor: Editor, sample: Sample): void;
  move(editor: Editor, sample: Sample): void;
  end(editor: Editor): void;
  cancel(editor: Editor): void;
}
