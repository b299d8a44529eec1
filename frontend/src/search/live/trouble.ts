import { ConnectionLost, NoAnswer, ProblemError } from "../../shared/api/client";
import type { Problem } from "../../shared/api/types";

/** Why there are no current results, in terms of the page. */
export type Trouble =
  | { readonly kind: "offline" }
  /** The server accepts connections and does not answer. */
  | { readonly kind: "silent" }
  | { readonly kind: "limited"; readonly seconds: number }
  /** `seconds` if the server may answer later, such as before its first release. */
  | { readonly kind: "problem"; readonly problem: Problem; readonly seconds?: number };

const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;
const WAIT_S = { [TOO_MANY_REQUESTS]: 2, [UNAVAILABLE]: 5 } as const;

/** Whether there is no answer from the server at all, so that asking again later may help. */
export function isLost(trouble: Trouble | null): boolean {
  return trouble?.kind === "offline" || trouble?.kind === "silent";
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof NoAnswer) return { kind: "silent" };
  if (error instanceof ConnectionLost) return { kind: "offline" };
  if (!(error instanceof ProblemError)) throw error;
  const { problem } = error;
  const { status, retry_after_s: wait } = problem;
  if (status === TOO_MANY_REQUESTS) return { kind: "limited", seconds: wait ?? WAIT_S[status] };
  if (status === UNAVAILABLE) return { kind: "problem", problem, seconds: wait ?? WAIT_S[status] };
  return { kind: "problem", problem };
}
