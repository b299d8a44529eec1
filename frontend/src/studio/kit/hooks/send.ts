import { useState } from "preact/hooks";
import { ConnectionLost, ProblemError } from "../../../shared/api/client";
import type { Problem } from "../../../shared/api/types";

export interface Sending {
  readonly isBusy: boolean;
  /** The error of the last attempt. */
  readonly trouble: Problem | "offline" | null;
  /** Run it, once at a time; return whether it succeeded. */
  readonly send: (work: () => Promise<void>) => Promise<boolean>;
}

/** A request to the server, sent by a button. */
export function useSend(): Sending {
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Problem | "offline" | null>(null);
  const send = async (work: () => Promise<void>) => {
    if (isBusy) return false;
    setBusy(true);
    try {
      await work();
      setTrouble(null);
      return true;
    } catch (error) {
      if (error instanceof ProblemError) setTrouble(error.problem);
      else if (error instanceof ConnectionLost) setTrouble("offline");
      else throw error;
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, trouble, send };
}
