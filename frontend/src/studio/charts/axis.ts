import { number, t } from "../../shared/texts";
import { duration } from "../kit/figures";
import type { XAxis } from "./Smoothing";

interface AxisWords {
  readonly xWords: (x: number) => string;
  readonly xValues: (x: number) => string;
}

const STEPS: AxisWords = { xWords: (x) => t("step {n}", { n: number(x) }), xValues: (x) => number(x) };
const MINUTES: AxisWords = {
  xWords: (x) => t("after {time}", { time: duration(x * 60) }),
  xValues: (x) => duration(x * 60),
};

/** How x is displayed: as a step, or as minutes since the start. */
export function axisWords(axis: XAxis): AxisWords {
  return axis === "step" ? STEPS : MINUTES;
}
