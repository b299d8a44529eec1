const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/** The delay before attempt `attempt` (0, 1, ...): doubling, capped, and randomised by up to half, so that tabs spread out. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return whole / 2 + (whole / 2) * random();
}
