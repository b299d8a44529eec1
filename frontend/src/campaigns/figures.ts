/** Figures as people read them, in the page's language. */

const NOTHING = "–";
const language = () => document.documentElement.lang || "en";

export function money(amount: number | null, currency: string): string {
  if (amount === null) return NOTHING;
  return amount.toLocaleString(language(), { style: "currency", currency, maximumFractionDigits: 3 });
}

export function percent(share: number | null, digits = 0): string {
  if (share === null) return NOTHING;
  const format = { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return share.toLocaleString(language(), format);
}

export function decimal(value: number | null, digits: number): string {
  if (value === null) return NOTHING;
  return value.toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function seconds(ms: number | null): string {
  return ms === null ? NOTHING : `${decimal(ms / 1000, 1)} s`;
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString(language(), { day: "numeric", month: "short", year: "numeric" });
}

/** "today, 18:40", "in 3 days": near times by the clock, far ones by the day. */
export function when(iso: string | null, now = Date.now()): string {
  if (iso === null) return NOTHING;
  const ms = Date.parse(iso) - now;
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  const minutes = Math.round(ms / 60_000);
  if (Math.abs(minutes) < 90) return relative.format(minutes, "minute");
  const hours = Math.round(ms / 3_600_000);
  if (Math.abs(hours) < 36) return relative.format(hours, "hour");
  return relative.format(Math.round(hours / 24), "day");
}

/** An SVG path of a curve over `history` on a box of `width` by `height`; "" with fewer than two points. */
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
