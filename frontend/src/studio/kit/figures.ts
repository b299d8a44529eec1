/** Figures formatted in the page's language, with their units. */
import { language } from "../../shared/texts";

export const NOTHING = "–";

export function percent(share: number | null, digits = 0): string {
  if (share === null) return NOTHING;
  const format = { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return share.toLocaleString(language(), format);
}

export function decimal(value: number | null, digits: number): string {
  if (value === null) return NOTHING;
  return value.toLocaleString(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A value to four significant digits: 0.00012, 3.142, 12,300. */
export function value(figure: number | null | undefined): string {
  if (figure === null || figure === undefined) return NOTHING;
  if (figure !== 0 && Math.abs(figure) < 1e-4) return figure.toExponential(2);
  return figure.toLocaleString(language(), { maximumSignificantDigits: 4 });
}

export function seconds(ms: number | null): string {
  return ms === null ? NOTHING : `${decimal(ms / 1000, 1)} s`;
}

/** A duration in its two largest units: "42 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". */
export function duration(s: number | null): string {
  if (s === null) return NOTHING;
  const whole = Math.max(0, Math.round(s));
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ] as const;
  const first = units.findIndex(([, size]) => whole >= size);
  if (first === -1) return "0 s";
  const rest = whole % units[first][1];
  const second = units[first + 1];
  const head = `${Math.floor(whole / units[first][1])} ${units[first][0]}`;
  const tail = second ? Math.floor(rest / second[1]) : 0;
  return tail > 0 ? `${head} ${tail} ${second[0]}` : head;
}

export function bytes(n: number | null): string {
  if (n === null) return NOTHING;
  return n < 1e9 ? `${decimal(n / 1e6, 0)} MB` : `${decimal(n / 1e9, 1)} GB`;
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString(language(), { day: "numeric", month: "short", year: "numeric" });
}

/** "21 Nov 2026, 14:05". */
export function moment(iso: string | null): string {
  if (iso === null) return NOTHING;
  const format = { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  return new Date(iso).toLocaleString(language(), format);
}

/** "today, 18:40", "in 3 days": near times with the hour, distant ones by day. */
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
