import { number } from "../../shared/words";
import { duration } from "../kit/figures";
import { t } from "../strings";
import type { XAxis } from "./Smoothing";

interface AxisWords {
  readonly xWords: (x: number) => string;
  readonly xValues: (x: number) => string;
}

const STEPS: AxisWords = { xWords: (x) => t("stepN", { n: number(x) }), xValues: (x) => number(x) };
const MINUTES: AxisWords = {
  xWords: (x) => t("afterTime", { time: duration(x * 60) }),
  xValues: (x) => duration(x * 60),
};

/** How an x is told: a step, or a time since the start in minutes. */
export function axisWords(axis: XAxis): AxisWords {
  return axis === "step" ? STEPS : MINUTES;
}
