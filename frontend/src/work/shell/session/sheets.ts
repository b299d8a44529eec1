import { browserStorage } from "./pendingRequests";

/** Sheets that are being filled in, by assignment: drawings and attributes survive the page, and undo. */
export interface SheetStore {
  load(assignment: number): string | null;
  save(assignment: number, text: string): void;
  drop(assignment: number): void;
}

/** Undo reaches back a few answers; older sheets are of no use. */
const KEPT = 10;

interface Entry {
  readonly at: number;
  readonly text: string;
}

/** One storage entry per assignment. Without storage (a preview, private mode, full), sheets live as long as the page. */
export function sheetStore(campaign: number, storage: Storage | null = browserStorage()): SheetStore {
  const prefix = `sketchfind.sheet.1.${campaign}.`;
  const inMemory = new Map<string, string>();
  const names = (): string[] => {
    const found: string[] = [];
    for (let i = 0; i < (storage?.length ?? 0); i++) {
      const name = storage?.key(i);
      if (name?.startsWith(prefix)) found.push(name);
    }
    return found;
  };
  const prune = () => {
    const oldest = names().sort((a, b) => timeOf(storage?.getItem(a)) - timeOf(storage?.getItem(b)));
    for (const name of oldest.slice(0, Math.max(0, oldest.length - KEPT))) storage?.removeItem(name);
  };
  return {
    load(assignment) {
      const name = prefix + assignment;
      return inMemory.get(name) ?? entryOf(storage?.getItem(name))?.text ?? null;
    },
    save(assignment, text) {
      const name = prefix + assignment;
      inMemory.set(name, text);
      try {
        storage?.setItem(name, JSON.stringify({ at: Date.now(), text } satisfies Entry));
        prune();
      } catch {
        storage?.removeItem(name); // an older state must not come back
      }
    },
    drop(assignment) {
      inMemory.delete(prefix + assignment);
      storage?.removeItem(prefix + assignment);
    },
  };
}

function entryOf(stored: string | null | undefined): Entry | null {
  if (!stored) return null;
  try {
    const entry = JSON.parse(stored) as Partial<Entry>;
    return typeof entry.text === "string" && typeof entry.at === "number" ? (entry as Entry) : null;
  } catch {
    return null;
  }
}

function timeOf(stored: string | null | undefined): number {
  return entryOf(stored)?.at ?? 0;
}
