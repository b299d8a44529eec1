/** The data of a pointer event: element coordinates in CSS px, time in ms. Plain, so that tests can record it. */
export interface Sample {
  readonly phase: "down" | "move" | "up" | "cancel";
  readonly id: number;
  readonly type: "mouse" | "pen" | "touch";
  readonly x: number;
  readonly y: number;
  readonly t: number;
  readonly pressure: number;
  /** Bit mask as in `PointerEvent.buttons`; 32 is a pen's eraser end. */
  readonly buttons: number;
}

const PHASES: Readonly<Record<string, Sample["phase"]>> = {
  pointerdown: "down",
  pointermove: "move",
  pointerup: "up",
  pointercancel: "cancel",
};

/**
 * One event as samples, oldest first: a move includes the points that the browser merged into it.
 * `getCoalescedEvents` is missing outside secure contexts (plain HTTP in a local network).
 */
export function samplesOf(event: PointerEvent, origin: { left: number; top: number }): Sample[] {
  const phase = PHASES[event.type];
  if (!phase) return [];
  const merged = phase === "move" ? (event.getCoalescedEvents?.() ?? []) : [];
  return (merged.length > 0 ? merged : [event]).map((part) => ({
    phase,
    id: event.pointerId,
    type: event.pointerType === "pen" || event.pointerType === "touch" ? event.pointerType : "mouse",
    x: part.clientX - origin.left,
    y: part.clientY - origin.top,
    t: part.timeStamp,
    pressure: event.pointerType === "pen" ? part.pressure : 0.5,
    buttons: event.buttons,
  }));
}
