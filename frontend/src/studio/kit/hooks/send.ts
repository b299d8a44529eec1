import { useState } from "preact/hooks";
import { ConnectionLost, ProblemError } from "../../../shared/api/client";
import type { Problem } from "../../../shared/api/types";

export interface Sending {
  readonly isBusy: boolean;
  /** Why the last try failed. */
  readonly trouble: Problem | "offline" | null;
  /** Runs it, once at a time; true when it worked. */
  readonly send: (work: () => Promise<void>) => Promise<boolean>;
}

/** Something that is sent to the server by a button. */
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
