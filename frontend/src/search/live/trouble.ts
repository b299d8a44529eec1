import { ConnectionLost, ProblemError } from "../../shared/api/client";
import type { Problem } from "../../shared/api/types";

/** Why there are no current results, in terms of the page. */
export type Trouble =
  | { readonly kind: "offline" }
  | { readonly kind: "limited"; readonly seconds: number }
  /** `seconds` if the server may answer later, such as before its first release. */
  | { readonly kind: "problem"; readonly problem: Problem; readonly seconds?: number };

const TOO_MANY_REQUESTS = 429;
const UNAVAILABLE = 503;
const WAIT_S = { [TOO_MANY_REQUESTS]: 2, [UNAVAILABLE]: 5 } as const;

export function troubleOf(error: unknown): Trouble {
  if (error instanceof ConnectionLost) return { kind: "offline" };
  if (!(error instanceof ProblemError)) throw error;
  const { problem } = error;
  const { status, retry_after_s: wait } = problem;
  if (status === TOO_MANY_REQUESTS) return { kind: "limited", seconds: wait ?? WAIT_S[status] };
  if (status === UNAVAILABLE) return { kind: "problem", problem, seconds: wait ?? WAIT_S[status] };
  return { kind: "problem", problem };
}
