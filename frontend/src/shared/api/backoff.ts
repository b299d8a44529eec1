const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/** Wait before try number `attempt` (0, 1, ...): doubling, capped, and spread over half to whole so that tabs do not return in step. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return whole / 2 + (whole / 2) * random();
}
