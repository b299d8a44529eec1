import "uplot/dist/uPlot.min.css";
import type { JSX } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { value } from "../kit/figures";
import { aligned, type Line, smoothed } from "../runs/curves/curves";
import { DASHES, moveCursor, N_COLOURS, plotIn } from "./plot";

interface Props {
  readonly title: string;
  readonly lines: readonly Line[];
  /** 0 to below 1. */
  readonly smoothing?: number;
  /** The x value with its meaning: "step 1,200". */
  readonly xWords: (x: number) => string;
  /** A short form for the axis. */
  readonly xValues: (x: number) => string;
  readonly sync: string;
  readonly height?: number;
}

/** Curves over one x. Pointer or arrow keys move the cursor; the legend shows the values at it, else the last ones. */
export function Chart({ title, lines, smoothing = 0, xWords, xValues, sync, height = 208 }: Props): JSX.Element {
  const titleId = useId();
  const root = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const { xs, ys } = useMemo(() => {
    const smooth = lines.map((line) => ({ ...line, ys: smoothed(line.ys, smoothing) }));
    return aligned(smoothing > 0 ? [...lines, ...smooth] : smooth);
  }, [lines, smoothing]);
  const data: uPlot.AlignedData = [xs, ...ys];
  const n = lines.length;
  const shape = `${lines.map(({ label }) => label).join("|")} ${smoothing > 0} ${xs.length <= 30} ${height}`;

  useEffect(() => {
    const element = root.current;
    if (!element) return;
    const strokes = ys.map((_, i) => ({ series: i % n, isRaw: smoothing > 0 && i < n }));
    const colour = (series: number) => {
      const item = legend.current?.children[series];
      return item ? getComputedStyle(item).color : "";
    };
    const made = plotIn(element, data, { strokes, xValues, height, sync, onCursor: setIndex }, colour);
    plot.current = made;
    const sized = new ResizeObserver(() => made.setSize({ width: Math.max(200, element.clientWidth), height }));
    sized.observe(element);
    const redraw = () => made.redraw(false);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", redraw);
    document.addEventListener("themechange", redraw);
    return () => {
      sized.disconnect();
      dark.removeEventListener("change", redraw);
      document.removeEventListener("themechange", redraw);
      made.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [xs, ys]);

  const at = index === null ? xs.length - 1 : Math.min(index, xs.length - 1);
  const shownAt = (line: number): number | null => {
    const column = ys[ys.length - n + line];
    for (let i = at; i >= 0; i--) if (column[i] !== null) return column[i];
    return null;
  };
  const move = (to: number) => {
    if (plot.current) moveCursor(plot.current, xs[Math.min(xs.length - 1, Math.max(0, to))]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const stride = Math.max(1, Math.round(xs.length / 50));
    const targets: Record<string, number> = {
      ArrowLeft: at - stride,
      ArrowRight: at + stride,
      Home: 0,
      End: xs.length - 1,
    };
    if (!(event.key in targets)) return;
    event.preventDefault();
    move(targets[event.key]);
  };
  const said = lines.map(({ label }, line) => `${label} ${value(shownAt(line))}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <h3 id={titleId}>{title}</h3>
        <ul ref={legend} class="legend">
          {lines.map(({ label }, line) => (
            <li key={label} class={`series-${line % N_COLOURS}`}>
              <svg viewBox="0 0 20 8" aria-hidden="true">
                <path d="M0 4h20" stroke-dasharray={DASHES[Math.floor(line / 2) % DASHES.length].join(" ")} />
              </svg>
              <span>{label}</span> <strong>{value(shownAt(line))}</strong>
            </li>
          ))}
        </ul>
        <span class="chart-x">{xs.length > 0 ? xWords(xs[at]) : ""}</span>
      </figcaption>
      <div
        ref={root}
        class="chart-plot"
        tabIndex={0}
        role="slider"
        aria-labelledby={titleId}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, xs.length - 1)}
        aria-valuenow={Math.max(0, at)}
        aria-valuetext={xs.length > 0 ? `${xWords(xs[at])}: ${said}` : ""}
        onKeyDown={onKeyDown}
      />
    </figure>
  );
}
