import { language } from "../../shared/texts";
import { NOTHING } from "../kit/figures";

export function money(amount: number | null, currency: string): string {
  if (amount === null) return NOTHING;
  return amount.toLocaleString(language(), { style: "currency", currency, maximumFractionDigits: 3 });
}

/** An SVG path of `history` in a box of `width` by `height`; "" for fewer than two points. */
export function curve(history: readonly (readonly [string, number])[], width: number, height: number): string {
  if (history.length < 2) return "";
  const times = history.map(([iso]) => Date.parse(iso));
  const most = Math.max(1, ...history.map(([, votes]) => votes));
  const [from, to] = [times[0], times[times.length - 1]];
  const round = (value: number) => Math.round(value * 10) / 10;
  const points = history.map(([, votes], i) => {
    const x = ((times[i] - from) / Math.max(1, to - from)) * width;
    return `${round(x)} ${round(height - (votes / most) * height)}`;
  });
  return `M${points.join("L")}`;
}
