import { Feed, type FeedDeps } from "../kit/feed";
import type { Progress } from "./wire";

interface Deps extends FeedDeps {
  readonly ask: () => Promise<Progress>;
}

/** A campaign's progress as it changes. */
export class ProgressFeed extends Feed<{ readonly type: string } & Progress> {
  progress: Progress | null = null;
  private readonly askNow: () => Promise<Progress>;

  constructor({ ask, ...deps }: Deps) {
    super(deps);
    this.askNow = ask;
  }

  protected override async ask(): Promise<void> {
    this.progress = await this.askNow();
  }

  protected override take(message: { readonly type: string } & Progress): boolean {
    if (message.type !== "progress") return false;
    this.progress = message;
    return true;
  }
}
