import { useEffect, useState } from "preact/hooks";
import { ConnectionLost, ProblemError } from "../../../shared/api/client";
import type { Problem } from "../../../shared/api/types";

export type Loaded<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly data: T }
  | { readonly kind: "problem"; readonly problem: Problem }
  | { readonly kind: "offline" };

const AGAIN_MS = 3_000;

/**
 * The result of `load`, or its error; the function reloads. Shown content stays in the meantime. Without a connection, it
 * is loaded again every few seconds.
 */
export function useLoad<T>(load: () => Promise<T>, inputs: readonly unknown[] = []): [Loaded<T>, () => void] {
  const [state, setState] = useState<Loaded<T>>({ kind: "loading" });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isStale = false;
    load().then(
      (data) => isStale || setState({ kind: "ready", data }),
      (error: unknown) => {
        if (isStale) return;
        if (error instanceof ProblemError) setState({ kind: "problem", problem: error.problem });
        else if (error instanceof ConnectionLost) setState({ kind: "offline" });
        else throw error;
      },
    );
    return () => void (isStale = true);
  }, [turn, ...inputs]);
  const again = () => setTurn((last) => last + 1);
  useEffect(() => {
    if (state.kind !== "offline") return;
    const timer = setTimeout(again, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return [state, again];
}
