/** Whether the site records clicks, from the server; `days` that they are kept, 0: until its operator deletes them. */
export interface Recording {
  readonly mode: "off" | "ask" | "on";
  readonly days: number;
  /** Kept drawings may become training data, which stays. */
  readonly learns: boolean;
}

/** What the visitor decided in this browser; `clicks` is null before. */
export interface Consent {
  readonly clicks: boolean | null;
  /** Drawings are kept with the clicks. */
  readonly sketches: boolean;
}

const KEY = "sketchfind.consent.1";
const VISIT = "sketchfind.visit.1";
const UNDECIDED: Consent = { clicks: null, sketches: false };

export function loadConsent(): Consent {
  try {
    return { ...UNDECIDED, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Consent>) };
  } catch {
    return UNDECIDED;
  }
}

export function saveConsent(consent: Consent): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(consent));
  } catch {
    return;
  }
}

/** The random id of this tab's visit, made on first use. Without storage, each page is a visit. */
export function visitId(): string {
  try {
    const known = sessionStorage.getItem(VISIT);
    if (known) return known;
    const made = randomId();
    sessionStorage.setItem(VISIT, made);
    return made;
  } catch {
    return randomId();
  }
}

function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
