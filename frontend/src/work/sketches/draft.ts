import { decodeDraft, encodeDraft } from "../../ink/draft";
import type { Drawing } from "../../ink/types";
import type { SheetStore } from "../shell/session/sheets";

/** The drawing of an assignment whose photo has been seen; null if it has not, or not for its full time. */
export function loadDrawing(sheets: SheetStore, assignment: number): Drawing | null {
  const text = sheets.load(assignment);
  return text === null ? null : (decodeDraft(text) ?? []);
}

export function saveDrawing(sheets: SheetStore, assignment: number, drawing: Drawing): void {
  sheets.save(assignment, encodeDraft(drawing));
}
