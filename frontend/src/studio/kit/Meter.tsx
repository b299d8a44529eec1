import type { JSX } from "preact";
import { number, t } from "../../shared/texts";
import { percent } from "./figures";

/** Decided out of all tasks, as a bar and in words. */
export function Meter({ value, max }: { value: number; max: number }): JSX.Element {
  if (max === 0) return <span class="quiet">{t("No tasks yet")}</span>;
  const words = t("{n} of {total}", { n: number(value), total: number(max) });
  return (
    <span class="meter">
      <progress value={value} max={max} aria-label={words} />
      <span>
        {words} <span class="quiet">({percent(value / max)})</span>
      </span>
    </span>
  );
}
