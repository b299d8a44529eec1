import uPlot from "uplot";
import { value } from "../kit/figures";

/** The number of line colours; dashes also distinguish lines. */
export const N_COLOURS = 6;
export const DASHES = [[], [7, 4], [2, 4]] as const;

export interface Stroke {
  /** Which colour and dash. */
  readonly series: number;
  /** The values before smoothing, drawn faintly. */
  readonly isRaw: boolean;
}

export interface PlotOptions {
  readonly strokes: readonly Stroke[];
  readonly xValues: (x: number) => string;
  readonly height: number;
  /** Charts with the same key share their cursor. */
  readonly sync: string;
  readonly onCursor: (index: number | null) => void;
}

/**
 * A plot in `root`, in the colours that the page's style gives `root` (its text: labels; its border: grid) and `colour` of
 * a series, read at every drawing, so that a change of theme needs only a redraw.
 */
export function plotIn(
  root: HTMLElement,
  data: uPlot.AlignedData,
  { strokes, xValues, height, sync, onCursor }: PlotOptions,
  colour: (series: number) => string,
): uPlot {
  const style = getComputedStyle(root);
  const font = `12px ${style.fontFamily}`;
  const axis = (size: number, values: (figure: number) => string): uPlot.Axis => ({
    stroke: () => style.color,
    grid: { stroke: () => style.borderTopColor, width: 1 },
    ticks: { stroke: () => style.borderTopColor, width: 1, size: 4 },
    font,
    size,
    gap: 4,
    values: (_, splits) => splits.map(values),
  });
  const series = strokes.map(({ series: number, isRaw }): uPlot.Series => ({
    stroke: () => colour(number),
    width: isRaw ? 1 : 2,
    alpha: isRaw ? 0.3 : 1,
    dash: isRaw ? [] : [...DASHES[Math.floor(number / 2) % DASHES.length]],
    spanGaps: true,
    points: { show: !isRaw && isFew(data[0].length) },
  }));
  return new uPlot(
    {
      width: Math.max(200, root.clientWidth),
      height,
      legend: { show: false },
      scales: { x: { time: false } },
      cursor: { drag: { x: false, y: false }, sync: { key: sync }, points: { size: 7 } },
      axes: [
        { ...axis(28, xValues), space: 64 },
        { ...axis(58, value), space: 32 },
      ],
      series: [{}, ...series],
      hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? null)] },
    },
    data,
    root,
  );
}

/** Move the cursor like a pointer, also in linked charts, by a third argument that uPlot's types omit. */
export function moveCursor(plot: uPlot, x: number): void {
  const set = plot.setCursor as (at: { left: number; top: number }, isHeard: boolean, isPublished: boolean) => void;
  set({ left: plot.valToPos(x, "x"), top: 0 }, true, true);
}

/** Show points if there are few, else only the line. */
function isFew(n: number): boolean {
  return n <= 30;
}
