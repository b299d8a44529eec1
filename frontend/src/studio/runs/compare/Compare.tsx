import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import type { Comparison, Page, Run, RunFull, Series } from "../../../shared/api/types";
import { t } from "../../../shared/texts";
import { axisWords } from "../../charts/axis";
import { Chart } from "../../charts/Chart";
import { Smoothing, type XAxis } from "../../charts/Smoothing";
import { value } from "../../kit/figures";
import { useLoad } from "../../kit/hooks/load";
import { Await } from "../../kit/States";
import { metricNames, metricTitle, smoothingOf } from "../curves/curves";
import { textOf } from "../form/form";
import { RunMark, runName } from "../words";
import { bestRun, figuresOf, linesOf } from "./compare";

const MOST = 6;
const N_OFFERED = 100;

/** Runs side by side: their differences, overlaid curves, and figures. The URL contains their ids. */
export function Compare({ asked }: { asked: readonly number[] }): JSX.Element {
  const [ids, setIds] = useState(asked);
  const query = ids.join(",");
  useEffect(() => history.replaceState(null, "", query ? `?ids=${query}` : location.pathname), [query]);
  const [state, again] = useLoad<Comparison | null>(
    () => (query ? api<Comparison>(`runs/compare/?ids=${query}&points=300`) : Promise.resolve(null)),
    [query],
  );
  return (
    <>
      <nav class="crumbs" aria-label={t("Runs")}>
        <a href="/studio/runs/">{t("Runs")}</a> <span aria-hidden="true">/</span> {t("Compare")}
      </nav>
      <div class="page-head studio-head">
        <h1>{t("Compare runs")}</h1>
      </div>
      <Choice ids={ids} onChange={setIds} />
      <Await state={state} onAgain={again} rows={6}>
        {(data) =>
          data && data.runs.length > 0 ? (
            <Sides data={data} />
          ) : (
            <p class="quiet none">{t("Select the runs to compare.")}</p>
          )
        }
      </Await>
    </>
  );
}

interface ChoiceProps {
  readonly ids: readonly number[];
  readonly onChange: (ids: readonly number[]) => void;
}

/** The chosen runs, and the newest others to add. */
function Choice({ ids, onChange }: ChoiceProps): JSX.Element {
  const [state] = useLoad(() => api<Page<Run>>(`runs/?page_size=${N_OFFERED}`));
  const known = state.kind === "ready" ? state.data.results : [];
  const offered = known.filter(({ id }) => !ids.includes(id));
  return (
    <div class="chips compared">
      {ids.map((id) => (
        <button
          type="button"
          class="chip"
          key={id}
          aria-label={t("Remove run {id}", { id })}
          onClick={() => onChange(ids.filter((one) => one !== id))}
        >
          {t("Run")} {id} <span aria-hidden="true">×</span>
        </button>
      ))}
      {ids.length < MOST && offered.length > 0 && (
        <label>
          <span class="visually-hidden">{t("Add a run…")}</span>
          <select
            class="field"
            value=""
            onChange={(event) => event.currentTarget.value && onChange([...ids, Number(event.currentTarget.value)])}
          >
            <option value="">{t("Add a run…")}</option>
            {offered.map((run) => (
              <option key={run.id} value={run.id}>
                {run.id} · {run.system}, {run.profile}, {run.snapshot.name}
                {run.note && ` · ${run.note}`}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

function Sides({ data }: { data: Comparison }): JSX.Element {
  return (
    <>
      <Figures runs={data.runs} />
      <Differences data={data} />
      <Overlaid series={data.series} />
    </>
  );
}

function Heads({ runs, first }: { runs: readonly RunFull[]; first: string }): JSX.Element {
  return (
    <thead>
      <tr>
        <th scope="col">{first}</th>
        {runs.map((run) => (
          <th scope="col" class="figure" key={run.id}>
            <a href={`/studio/runs/${run.id}/`}>{runName(run)}</a>
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** The metrics of each run, the best per row in bold. */
function Figures({ runs }: { runs: readonly RunFull[] }): JSX.Element {
  const rows = figuresOf(runs);
  return (
    <section class="studio-section" aria-labelledby="figures-title">
      <h2 id="figures-title">{t("Metrics")}</h2>
      <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="figures-title">
        <table class="table studio-table">
          <Heads runs={runs} first={t("Metric")} />
          <tbody>
            <tr>
              <th scope="row">{t("Status")}</th>
              {runs.map((run) => (
                <td class="figure" key={run.id}>
                  <RunMark run={run} />
                </td>
              ))}
            </tr>
            {rows.map(({ name, values }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {values.map((figure, i) => (
                  <td class="figure" key={runs[i].id}>
                    {bestRun(name, values) === i ? <strong>{value(figure)}</strong> : value(figure)}
                  </td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="row">{t("Minutes")}</th>
              {runs.map((run) => (
                <td class="figure" key={run.id}>
                  {value(run.minutes)}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Differences({ data }: { data: Comparison }): JSX.Element {
  return (
    <section class="studio-section" aria-labelledby="differences-title">
      <h2 id="differences-title">{t("Differences")}</h2>
      {data.differing.length === 0 ? (
        <p class="quiet none">{t("All settings are the same.")}</p>
      ) : (
        <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="differences-title">
          <table class="table studio-table">
            <Heads runs={data.runs} first={t("Setting")} />
            <tbody>
              {data.differing.map(({ key, values }) => (
                <tr key={key}>
                  <th scope="row">
                    <code>{key.replace(/^config\./, "")}</code>
                  </th>
                  {data.runs.map(({ id }) => (
                    <td class="figure" key={id}>
                      <code>{textOf(values[id]) || "–"}</code>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Overlaid({ series }: { series: Readonly<Record<string, Series>> }): JSX.Element {
  const [smoothing, setSmoothing] = useState(0.6);
  const [axis, setAxis] = useState<XAxis>("step");
  const names = useMemo(() => [...new Set(Object.values(series).flatMap(metricNames))], [series]);
  return (
    <section class="studio-section" aria-labelledby="overlaid-title">
      <header class="section-head">
        <h2 id="overlaid-title">{t("Curves")}</h2>
        {names.length > 0 && <Smoothing value={smoothing} onChange={setSmoothing} axis={axis} onAxis={setAxis} />}
      </header>
      {names.length === 0 && <p class="quiet none">{t("The run ended before its first step.")}</p>}
      <div class="charts">
        {names.map((name) => (
          <Overlay key={name} name={name} series={series} smoothing={smoothing} axis={axis} />
        ))}
      </div>
    </section>
  );
}

interface OverlayProps {
  readonly name: string;
  readonly series: Readonly<Record<string, Series>>;
  readonly smoothing: number;
  readonly axis: XAxis;
}

function Overlay({ name, series, smoothing, axis }: OverlayProps): JSX.Element {
  const lines = useMemo(() => linesOf(series, name, axis), [series, name, axis]);
  return (
    <Chart
      title={metricTitle(name, ...Object.values(series))}
      lines={lines}
      smoothing={smoothingOf(name, smoothing)}
      sync="compare"
      {...axisWords(axis)}
    />
  );
}
