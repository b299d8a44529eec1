import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Series } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { axisWords } from "../../charts/axis";
import { Chart } from "../../charts/Chart";
import { Smoothing, type XAxis } from "../../charts/Smoothing";
import { type Line, lineOf, MACHINE, metricNames, metricTitle, smoothingOf, startOf } from "./curves";

/** One chart per metric, with all stages. */
export function Curves({ series, isOver }: { series: Series; isOver: boolean }): JSX.Element {
  const [smoothing, setSmoothing] = useState(0.6);
  const [axis, setAxis] = useState<XAxis>("step");
  const names = metricNames(series);
  return (
    <section class="studio-section" aria-labelledby="curves-title">
      <header class="section-head">
        <h2 id="curves-title">{t("Curves")}</h2>
        {names.length > 0 && <Smoothing value={smoothing} onChange={setSmoothing} axis={axis} onAxis={setAxis} />}
      </header>
      {names.length === 0 ? (
        <p class="quiet none">
          {isOver ? t("The run ended before its first step.") : t("Curves appear after the first training step.")}
        </p>
      ) : (
        <div class="charts">
          {names.map((name) => (
            <MetricChart key={name} name={name} series={series} smoothing={smoothing} axis={axis} />
          ))}
        </div>
      )}
    </section>
  );
}

interface ChartProps {
  readonly name: string;
  readonly series: Series;
  readonly smoothing: number;
  readonly axis: XAxis;
}

function MetricChart({ name, series, smoothing, axis }: ChartProps): JSX.Element {
  const lines = useMemo(() => {
    const from = startOf(series);
    return Object.entries(series).flatMap(([stage, rows]): Line[] => {
      const line = stage === MACHINE ? null : lineOf(stage, rows, name, axis, from);
      return line ? [line] : [];
    });
  }, [series, name, axis]);
  return (
    <Chart
      title={metricTitle(name, series)}
      lines={lines}
      smoothing={smoothingOf(name, smoothing)}
      sync="run"
      {...axisWords(axis)}
    />
  );
}
