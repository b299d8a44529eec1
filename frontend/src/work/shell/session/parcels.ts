/** Something the server must hear of, once: `body.idempotency_key` makes a second delivery harmless. */
export interface Parcel {
  readonly key: string;
  /** Address under /api/v1/. */
  readonly path: string;
  readonly body: object;
  /** When it was posted, in ms of the epoch: parcels leave in this order. */
  readonly at: number;
}

/** Where unsent answers outlive the page. */
export interface ParcelStore {
  all(): Parcel[];
  put(parcel: Parcel): void;
  drop(key: string): void;
}

/**
 * One entry of the browser's storage for each parcel, so that two tabs never overwrite each other's; both may send the
 * same one, which its key makes harmless. Storage that is full or forbidden leaves the parcels in memory.
 */
export function parcelStore(campaign: number, storage: Storage | null = browserStorage()): ParcelStore {
  const prefix = `sketchfind.outbox.1.${campaign}.`;
  return {
    all() {
      const found: Parcel[] = [];
      for (let i = 0; i < (storage?.length ?? 0); i++) {
        const name = storage?.key(i);
        const text = name?.startsWith(prefix) ? storage?.getItem(name) : null;
        if (text) found.push(JSON.parse(text) as Parcel);
      }
      return found.sort((a, b) => a.at - b.at);
    },
    put(parcel) {
      try {
        storage?.setItem(prefix + parcel.key, JSON.stringify(parcel));
      } catch {
        return;
      }
    },
    drop: (key) => storage?.removeItem(prefix + key),
  };
}

function browserStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** A UUID; also where `crypto.randomUUID` is missing (plain HTTP in a local network). */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
