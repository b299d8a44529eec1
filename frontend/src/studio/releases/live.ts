import { api, ProblemError } from "../../shared/api";
import type { LiveRelease } from "../wire";

/** The live release; null before the first. */
export async function liveOrNone(): Promise<LiveRelease | null> {
  try {
    return await api<LiveRelease>("release/");
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 404) return null;
    throw error;
  }
}
