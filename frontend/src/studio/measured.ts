import type { Measured } from "../shared/api/types";

/** A figure with its interval, from a number or {value, ci95}; null if it is not a figure. */
export function measured(metric: unknown): Measured | null {
  if (typeof metric === "number") return Number.isFinite(metric) ? { value: metric } : null;
  if (typeof metric !== "object" || metric === null || !("value" in metric)) return null;
  const { value, ci95 } = metric as { value: unknown; ci95?: unknown };
  if (typeof value !== "number") return null;
  const isPair = Array.isArray(ci95) && ci95.length === 2 && ci95.every((side) => typeof side === "number");
  return { value, ...(isPair ? { ci95: [ci95[0], ci95[1]] as const } : {}) };
}
