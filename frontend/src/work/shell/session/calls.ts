import { api } from "../../../shared/api/client";
import type { Ended, Receipt, Standing, WorkCampaign } from "../../../shared/api/types";
import { browserKey } from "./browserKey";
import { type Panel, participantOf } from "./panel";
import type { PendingRequest } from "./pendingRequests";
import type { Item } from "./types";

/** Requests to the server for one campaign. All reject with ProblemError or ConnectionLost. */
export interface Calls<A extends Item> {
  join(panel: Panel | null): Promise<unknown>;
  me(): Promise<Standing>;
  /** Held assignments that `have` does not name, then new ones. */
  next(count: number, have: readonly number[]): Promise<readonly A[]>;
  send(request: PendingRequest): Promise<Partial<Receipt>>;
  renew(id: number): Promise<{ readonly lease_expires_at: string }>;
  /** Show the photo of a sketch task; its time starts now. */
  expose(id: number): Promise<Exposure>;
  /** End the participation; with `leave`, early if the code has not been earned. */
  complete(receipts: readonly string[], leave: boolean): Promise<Ended>;
}

export interface Exposure {
  readonly photo_url: string;
  readonly exposure_s: number;
}

export function callsOf<A extends Item>({ id, consent }: WorkCampaign): Calls<A> {
  return {
    join: async (panel) => {
      const participant = participantOf(location.hash);
      const who = participant ? { participant } : { panel };
      await api(`campaigns/${id}/join`, {
        consent: true,
        ...(consent ? { consent_version: consent.version } : {}),
        browser_key: browserKey(),
        ...who,
      });
      if (participant) history.replaceState(history.state, "", location.pathname + location.search);
    },
    me: () => api(`campaigns/${id}/me`),
    next: async (prefetch, have) => {
      const body = await api<{ readonly assignments: readonly A[] } | null>(`campaigns/${id}/next`, { prefetch, have });
      return body?.assignments ?? [];
    },
    send: ({ path, body }) => api(path, body),
    renew: (assignment) => api(`assignments/${assignment}/renew`, {}),
    expose: (assignment) => api(`assignments/${assignment}/exposure/start`, {}),
    complete: (receipts, leave) => api(`campaigns/${id}/complete`, { receipts, leave }),
  };
}

/** A sample for the preview: what workers get, plus data known only to the server. */
export type Sample<A extends Item> = A & {
  readonly feedback?: Receipt["feedback"];
  readonly photo_url?: string;
};

const PREVIEWED: Standing = {
  qualified: true,
  blocked: false,
  block_reason: "",
  n_credited: 0,
  standing: { may_work: false, obstacle: "none_left", resumes_at: null, earned: "" },
  ended: { ending: "", completion_code: "", completion_url: "", pay: null, currency: "" },
};

/** An operator's preview: `samples` are shown one after the other; nothing is claimed or stored. */
export function previewCalls<A extends Item>(campaign: WorkCampaign, samples: readonly Sample<A>[]): Calls<A> {
  let given = 0;
  let done = 0;
  const never = new Date(Date.now() + 24 * 3600 * 1000).toISOString();
  const sampleOf = (path: string) => samples.find(({ id }) => id === Number(path.split("/")[1]));
  return {
    join: async () => undefined,
    me: async () => ({ ...PREVIEWED, n_credited: done }),
    next: async (count) => {
      const claimed = samples.slice(given, given + count);
      given += claimed.length;
      return claimed.map((item) => ({ ...item, lease_expires_at: never }));
    },
    send: async ({ key, path }) => {
      const sample = sampleOf(path);
      if (!sample?.training) done += path.endsWith("/undo") ? -1 : 1;
      const session = { done, cap: 0 };
      return { receipt: key, late: false, feedback: sample?.feedback ?? null, session };
    },
    renew: async () => ({ lease_expires_at: never }),
    expose: async (id) => ({ photo_url: sampleOf(`/${id}`)?.photo_url ?? "", exposure_s: campaign.exposure_s }),
    complete: async () => PREVIEWED.ended,
  };
}
