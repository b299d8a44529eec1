import type { JSX } from "preact";
import { number, t } from "../../shared/texts";

export type XAxis = "step" | "time";

interface Props {
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly axis: XAxis;
  readonly onAxis: (axis: XAxis) => void;
}

/** Settings for all charts below: smoothing and x axis. */
export function Smoothing({ value, onChange, axis, onAxis }: Props): JSX.Element {
  return (
    <div class="chart-tools">
      <label>
        {t("Smoothing")}
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={value}
          onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
        />
        <output>{number(value, 2)}</output>
      </label>
      <label>
        {t("X axis")}
        <select class="field" value={axis} onChange={(event) => onAxis(event.currentTarget.value as XAxis)}>
          <option value="step">{t("steps")}</option>
          <option value="time">{t("time")}</option>
        </select>
      </label>
    </div>
  );
}
