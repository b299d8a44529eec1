import { useEffect, useState } from "preact/hooks";
import { type Loaded, useLoad } from "./load";

const EVERY_MS = 3_000;

/** Like `useLoad`, repeated every few seconds while the page is visible. Without an answer, old content stays: `isOld`. */
export function usePoll<T>(
  load: () => Promise<T>,
  inputs: readonly unknown[] = [],
): [state: Loaded<T>, again: () => void, isOld: boolean] {
  const [state, again] = useLoad(load, inputs);
  const [kept, setKept] = useState<Loaded<T> & { readonly kind: "ready" }>();
  useEffect(() => {
    if (state.kind === "ready") setKept(state);
  }, [state]);
  useEffect(() => {
    const look = () => void (document.hidden || again());
    const timer = setInterval(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  if (state.kind === "offline" && kept) return [kept, again, true];
  return [state, again, false];
}
