/** The participant sent by a paid panel, from the parameters of its link. */
export interface Panel {
  readonly provider: "PROLIFIC" | "MTURK";
  readonly worker: string;
  readonly study: string;
  readonly session: string;
}

/** MTurk shows a task before a worker accepts it. */
const NOT_ACCEPTED = "ASSIGNMENT_ID_NOT_AVAILABLE";

/** An empty number is sent too, and the server reports the error. */
export function panelOf(query: string): Panel | null {
  const given = new URLSearchParams(query);
  const value = (name: string) => given.get(name) ?? "";
  if (given.has("PROLIFIC_PID")) {
    return {
      provider: "PROLIFIC",
      worker: value("PROLIFIC_PID"),
      study: value("STUDY_ID"),
      session: value("SESSION_ID"),
    };
  }
  if (given.has("workerId") && value("assignmentId") !== NOT_ACCEPTED) {
    return { provider: "MTURK", worker: value("workerId"), study: value("hitId"), session: value("assignmentId") };
  }
  return null;
}

/** The link was opened to preview the task before accepting it. */
export function isPanelPreview(query: string): boolean {
  return new URLSearchParams(query).get("assignmentId") === NOT_ACCEPTED;
}

/** The token of a personal link, which is after the # so that no log contains it; empty in any other link. */
export function participantOf(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, "")).get("participant") ?? "";
}
