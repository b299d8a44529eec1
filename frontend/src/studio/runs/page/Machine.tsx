import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Series, StageSeries } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { axisWords } from "../../charts/axis";
import { Chart } from "../../charts/Chart";
import { type Line, lineOf, MACHINE, startOf } from "../curves/curves";

const GIGABYTE = 1e9;

/** The training's load on its machine. */
export function Machine({ series }: { series: Series }): JSX.Element | null {
  const rows = series[MACHINE];
  const [load, memory] = useMemo(() => {
    const from = startOf(series);
    const line = (label: string, of: StageSeries, name: string) => lineOf(label, of, name, "time", from);
    if (!rows) return [[], []];
    const scaled = { ...rows, values: { ...rows.values, ...gigabytes(rows) } };
    const there = (lines: readonly (Line | null)[]) => lines.filter((one): one is Line => one !== null);
    return [
      there([line("CPU", rows, "cpu_percent"), line("GPU", rows, "gpu_percent")]),
      there([line(t("RAM"), scaled, "memory_bytes"), line("GPU", scaled, "gpu_memory_bytes")]),
    ];
  }, [rows]);
  if (load.length + memory.length === 0) return null;
  return (
    <section class="studio-section" aria-labelledby="machine-title">
      <h2 id="machine-title">{t("Machine")}</h2>
      <div class="charts">
        {load.length > 0 && (
          <Chart
            title={t("Load (% of a core or GPU)")}
            lines={load}
            sync="machine"
            height={144}
            {...axisWords("time")}
          />
        )}
        {memory.length > 0 && (
          <Chart title={t("Memory (GB)")} lines={memory} sync="machine" height={144} {...axisWords("time")} />
        )}
      </div>
    </section>
  );
}

function gigabytes({ values }: StageSeries): Record<string, readonly (number | null)[]> {
  const columns = Object.entries(values).filter(([name]) => name.endsWith("_bytes"));
  return Object.fromEntries(
    columns.map(([name, column]) => [name, column.map((n) => (n === null ? null : n / GIGABYTE))]),
  );
}
