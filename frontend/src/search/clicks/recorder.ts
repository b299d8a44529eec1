import type { SketchPayload } from "../../ink/payload";
import { api } from "../../shared/api/client";
import type { Hit, SearchBody } from "../../shared/api/types";
import { Emitter } from "../../shared/emitter";
import { type Consent, loadConsent, type Recording, saveConsent, visitId } from "./consent";
import { noteLooked, wasLooked } from "./looked";

/** An answer that stays this long was looked at. */
export const LOOK_MS = 2_000;
/** Browsers send no more than 64 KiB after a page is left; longer drawings are not sent. */
const MAX_BYTES = 60_000;
const OFF: Recording = { mode: "off", days: 0, learns: false };

export type Send = (path: string, report: object) => void;

/** Reports which answers the visitor looks at and what is opened from them, as far as site and visitor agreed. */
export class ClickRecorder {
  readonly events = new Emitter<{ change: undefined }>();
  readonly recording: Recording;
  consent: Consent = loadConsent();
  private id = "";
  private shown: { readonly body: SearchBody; readonly sketch: SketchPayload | null } | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    recording: Recording | null,
    private readonly send: Send = sendBeacon,
  ) {
    this.recording = recording ?? OFF;
  }

  /** Whether clicks are recorded now. A refusal counts even where the site does not ask. */
  get isOn(): boolean {
    const { mode } = this.recording;
    return mode === "on" ? this.consent.clicks !== false : mode === "ask" && this.consent.clicks === true;
  }

  /** Whether the visitor has yet to decide. */
  get asks(): boolean {
    return this.recording.mode === "ask" && this.consent.clicks === null;
  }

  /** For queries: empty if nothing is recorded. */
  get visit(): string {
    if (!this.isOn) return "";
    this.id ||= visitId();
    return this.id;
  }

  decide(change: Partial<Consent>): void {
    this.consent = { ...this.consent, ...change };
    saveConsent(this.consent);
    this.events.emit("change", undefined);
  }

  /** The answer on the page, and the drawing that it is of; null while there is none. */
  show(body: SearchBody | null, sketch: SketchPayload | null): void {
    if (body === this.shown?.body) return;
    clearTimeout(this.timer);
    this.shown = body ? { body, sketch } : null;
    if (this.isOn && body?.answer_id) this.timer = setTimeout(() => this.looked(), LOOK_MS);
  }

  /** A product was opened. */
  open({ product, rank }: Hit): void {
    this.report("clicks/", { product: product.id, rank });
    if (this.isOn && this.shown?.sketch) noteLooked(this.shown.sketch);
  }

  /** Delete what was recorded of this visit; return the number of answers. */
  async erase(): Promise<number> {
    const { erased } = await api<{ readonly erased: number }>("visits/erase/", { visit: this.id || visitId() });
    return erased;
  }

  private looked(): void {
    const { sketch } = this.shown ?? {};
    if (document.visibilityState !== "visible" || (sketch && wasLooked(sketch))) return;
    this.report("answers/", {});
    if (sketch) noteLooked(sketch);
  }

  private report(path: string, facts: object): void {
    const { body, sketch } = this.shown ?? {};
    if (!this.isOn || !body?.answer_id) return;
    const kept = this.consent.sketches && sketch ? { sketch } : {};
    this.send(path, { answer_id: body.answer_id, ...facts, ...kept });
  }
}

/** Send a report that outlives the page; without its drawing if that is too long. Nobody waits for the answer. */
function sendBeacon(path: string, report: object): void {
  let text = JSON.stringify(report);
  if (text.length > MAX_BYTES) text = JSON.stringify({ ...report, sketch: undefined });
  const url = `/api/v1/${path}`;
  if (navigator.sendBeacon?.(url, new Blob([text], { type: "application/json" }))) return;
  const headers = { "Content-Type": "application/json" };
  void fetch(url, { method: "POST", body: text, headers, keepalive: true }).catch(() => undefined);
}
