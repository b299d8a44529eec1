import type { Options } from "../../../shared/api/types";
import { type Draft, fieldsOf, shown } from "./form";

/** How long a run will take, by the newest complete run of its kind on this site's machines. */
export interface Estimate {
  readonly seconds: number;
  readonly stepS: number;
  /** The run that was measured. */
  readonly run: number;
  readonly device: string;
}

export function estimateOf(options: Options, draft: Draft): Estimate | null {
  const format = options.snapshots.find(({ id }) => String(id) === draft.snapshot)?.format;
  const timing = options.timings.find(
    (one) =>
      one.format === format &&
      one.profile === draft.profile &&
      (one.system === draft.system || one.system.startsWith(`${draft.system}-`)),
  );
  if (!timing || draft.processes !== 1) return null;
  const setting = (name: string): number | null => {
    const field = fieldsOf(options, draft).find((one) => one.name === name);
    const found = field ? Number(shown(draft, field)) : Number.NaN;
    return Number.isFinite(found) && found > 0 ? found : null;
  };
  const ratio = (now: number | null, then: number | null) => (now !== null && then ? now / then : 1);
  // Of several stages, nobody knows which one the setting is about.
  const steps = timing.n_stages === 1 ? ratio(setting("steps"), timing.steps) : 1;
  const stepS = timing.step_s * ratio(setting("batch_size"), timing.batch_size);
  return {
    seconds: timing.prepare_s + stepS * timing.n_steps * steps + timing.finish_s,
    stepS,
    run: timing.run,
    device: timing.device,
  };
}
