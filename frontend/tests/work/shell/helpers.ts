import { vi } from "vitest";
import type { Ended, Obstacle, Receipt, Standing, WorkCampaign } from "../../../src/shared/api/types";
import type { Calls } from "../../../src/work/shell/session/calls";
import { Outbox } from "../../../src/work/shell/session/outbox";
import { pendingRequestStore } from "../../../src/work/shell/session/pendingRequests";
import { PrefetchQueue } from "../../../src/work/shell/session/prefetchQueue";
import type { Triplet } from "../../../src/work/shell/session/types";
import { Work } from "../../../src/work/shell/session/work";

export const CAMPAIGN: WorkCampaign = {
  id: 7,
  slug: "chairs",
  kind: "triplets",
  title: "Chairs",
  instructions: "",
  break_every: 0,
  undo_steps: 2,
  exposure_s: 15,
  ontology: [],
  consent: null,
  terms: { required_answers: 0, reward: null, partial_pay: null, bonus: null, currency: "", leads_back: false },
};

export const ENDED: Ended = { ending: "", completion_code: "", completion_url: "", pay: null, currency: "" };
export const FINISHED: Ended = { ...ENDED, ending: "finished", completion_code: "CODE-1" };

/** The server's view of a worker for whom `obstacle` is in the way. */
export function standing(
  obstacle: Obstacle = "none_left",
  earned: Standing["standing"]["earned"] = "finished",
  more: Partial<Standing> = {},
): Standing {
  return {
    qualified: true,
    blocked: false,
    block_reason: "",
    n_credited: 1,
    standing: { may_work: obstacle === "", obstacle, resumes_at: null, earned },
    ended: ENDED,
    ...more,
  };
}

export function triplet(id: number, more: Partial<Triplet> = {}): Triplet {
  return {
    id,
    kind: "triplets",
    lease_expires_at: "2999-01-01T00:00:00Z",
    training: null,
    warning: "",
    credited: 0,
    session: { done: 0, cap: 0 },
    sketch_url: `/sketch/${id}.svg`,
    left: { id: id * 10, photo_url: `/photo/${id}a.webp`, name: `Chair ${id}a` },
    right: { id: id * 10 + 1, photo_url: `/photo/${id}b.webp`, name: `Chair ${id}b` },
    ...more,
  };
}

export function receipt(more: Partial<Receipt> = {}): Receipt {
  return { receipt: "r", late: false, feedback: null, session: { done: 1, cap: 0 }, ...more };
}

export function memoryStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    get length() {
      return kept.size;
    },
    key: (i) => [...kept.keys()][i] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    clear: () => kept.clear(),
  };
}

/** Keys "k1", "k2", ... */
export function countingKeys(): () => string {
  let count = 0;
  return () => `k${++count}`;
}

/** A campaign with these items, with the server's calls as spies. */
export function desk(items: readonly Triplet[], campaign: Partial<WorkCampaign> = {}, isJoined = true) {
  const left = [...items];
  const calls = {
    join: vi.fn(async () => undefined),
    me: vi.fn(async () => standing()),
    next: vi.fn(async (count: number) => left.splice(0, count)),
    send: vi.fn(async (): Promise<Partial<Receipt>> => receipt()),
    renew: vi.fn(async () => ({ lease_expires_at: "2999-01-01T00:00:00Z" })),
    expose: vi.fn(async () => ({ photo_url: "/photo/1.webp", exposure_s: 15 })),
    complete: vi.fn(async (_receipts: readonly string[], _leave: boolean) => FINISHED),
  } satisfies Calls<Triplet>;
  const outbox = new Outbox(pendingRequestStore(CAMPAIGN.id, memoryStorage()), calls.send, countingKeys());
  const prefetchQueue = new PrefetchQueue<Triplet>(calls.next, async () => undefined);
  const work = new Work({ ...CAMPAIGN, ...campaign }, outbox, prefetchQueue, calls, isJoined);
  return { calls, outbox, prefetchQueue, work };
}

/** Let promises settle. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
