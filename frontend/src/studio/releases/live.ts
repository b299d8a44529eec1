import { api, ProblemError } from "../../shared/api/client";
import type { LiveRelease } from "../../shared/api/types";

const LOOK_MS = 300;
const PATIENCE_MS = 6_000;

/** The live release; null before the first. */
export async function liveOrNone(): Promise<LiveRelease | null> {
  try {
    return await api<LiveRelease>("release/");
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 404) return null;
    throw error;
  }
}

/**
 * Wait until the answering server has followed that move of the pointer, or a later one. Each follows within five
 * seconds; before that, it reports the previous release.
 */
export async function followed(number: number, look = liveOrNone): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (((await look())?.number ?? 0) < number && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
