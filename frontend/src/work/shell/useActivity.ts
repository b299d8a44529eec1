import { useEffect } from "preact/hooks";
import type { Item } from "./session/types";
import type { Work } from "./session/work";

const TICK_MS = 20_000;
/** After this long without activity, leases may expire. */
const IDLE_MS = 120_000;

/** Renew leases while somebody works, and send pending requests when the connection is back. */
export function useActivity<A extends Item>(work: Work<A>): void {
  useEffect(() => {
    let touched = Date.now();
    const touch = () => (touched = Date.now());
    const tick = () => {
      if (!document.hidden && Date.now() - touched < IDLE_MS) void work.tick();
    };
    const wake = () => {
      if (document.hidden) return;
      touch();
      void work.tick();
      work.reconnect();
    };
    const timer = setInterval(tick, TICK_MS);
    addEventListener("pointerdown", touch);
    addEventListener("keydown", touch);
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    if (work.outbox.waiting > 0) work.reconnect();
    return () => {
      clearInterval(timer);
      removeEventListener("pointerdown", touch);
      removeEventListener("keydown", touch);
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
    };
  }, [work]);
}
