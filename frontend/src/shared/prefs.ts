/** Preferences stored in this browser. Without storage, changes last for the visit. */
export interface Prefs {
  readonly fingerDraws: boolean;
  readonly singleKeys: boolean;
  readonly brush: number;
}

const KEY = "sketchfind.prefs.1";
const DEFAULTS: Prefs = { fingerDraws: false, singleKeys: true, brush: 6 };

export function loadPrefs(): Prefs {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Prefs>) };
  } catch {
    return DEFAULTS;
  }
}

export function savePrefs(prefs: Prefs): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(prefs));
  } catch {
    return;
  }
}
