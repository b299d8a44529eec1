/** A request that the server must receive; `body.idempotency_key` makes a second delivery harmless. */
export interface PendingRequest {
  readonly key: string;
  /** Path under /api/v1/. */
  readonly path: string;
  readonly body: object;
  /** When it was created, in ms since the epoch; requests are sent in this order. */
  readonly at: number;
}

/** Storage in which unsent answers survive the page. */
export interface PendingRequestStore {
  all(): PendingRequest[];
  /** Return whether it will survive the page. */
  put(request: PendingRequest): boolean;
  drop(key: string): void;
}

/**
 * One storage entry per pending request, so that two tabs never overwrite each other's; both may send the
 * same one, which its key makes harmless. If storage is full or forbidden, requests stay in memory.
 */
export function pendingRequestStore(campaign: number, storage: Storage | null = browserStorage()): PendingRequestStore {
  const prefix = `sketchfind.outbox.1.${campaign}.`;
  return {
    all() {
      const found: PendingRequest[] = [];
      for (let i = 0; i < (storage?.length ?? 0); i++) {
        const name = storage?.key(i);
        const text = name?.startsWith(prefix) ? storage?.getItem(name) : null;
        if (text) found.push(JSON.parse(text) as PendingRequest);
      }
      return found.sort((a, b) => a.at - b.at);
    },
    put(request) {
      try {
        storage?.setItem(prefix + request.key, JSON.stringify(request));
        return storage !== null;
      } catch {
        return false;
      }
    },
    drop: (key) => storage?.removeItem(prefix + key),
  };
}

export function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** Return a UUID, even if `crypto.randomUUID` is missing (plain HTTP in a local network). */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
