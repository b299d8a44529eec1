import type { Measured } from "../shared/api/types";

/** A figure with its interval and number of queries, from a number or {value, ci95, n}; null if it is not a figure. */
export function measured(metric: unknown): (Measured & { readonly n?: number }) | null {
  if (typeof metric === "number") return Number.isFinite(metric) ? { value: metric } : null;
  if (typeof metric !== "object" || metric === null || !("value" in metric)) return null;
  const { value, ci95, n } = metric as { value: unknown; ci95?: unknown; n?: unknown };
  if (typeof value !== "number") return null;
  const isPair = Array.isArray(ci95) && ci95.length === 2 && ci95.every((side) => typeof side === "number");
  return { value, ...(typeof n === "number" ? { n } : {}), ...(isPair ? { ci95: [ci95[0], ci95[1]] as const } : {}) };
}

/** The number of queries behind a metric: its own, or that of all, which is of the metrics of single products. */
export function queriesOf(name: string, metrics: Readonly<Record<string, unknown>>): number | null {
  const own = measured(metrics[name])?.n;
  if (own !== undefined) return own;
  const [, prefix, rest] = /^((?:[^/]*\/)*)(.*)$/.exec(name) ?? ["", "", name];
  const all = metrics[`${prefix}n_queries`] ?? metrics["n_queries"];
  return rest.startsWith("acc@") && typeof all === "number" ? all : null;
}
