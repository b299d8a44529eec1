import { ConnectionLost, type Problem, ProblemError } from "../shared/api";

/** Why there are no fresh results, in the terms the page shows. */
export type Trouble =
  | { readonly kind: "offline" }
  | { readonly kind: "limited"; readonly seconds: number }
  | { readonly kind: "problem"; readonly problem: Problem };

const DEFAULT_WAIT_S = 2;
const TOO_MANY_REQUESTS = 429;

export function troubleOf(error: unknown): Trouble {
  if (error instanceof ConnectionLost) return { kind: "offline" };
  if (!(error instanceof ProblemError)) throw error;
  const { problem } = error;
  if (problem.status !== TOO_MANY_REQUESTS) return { kind: "problem", problem };
  return { kind: "limited", seconds: problem.retry_after_s ?? DEFAULT_WAIT_S };
}
