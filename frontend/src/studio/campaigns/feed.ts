import type { Progress, ProgressMessage } from "../../shared/api/types";
import { Feed, type FeedDeps } from "../kit/feed";

interface Deps extends FeedDeps {
  readonly ask: () => Promise<Progress>;
}

/** A campaign's live progress. */
export class ProgressFeed extends Feed<ProgressMessage> {
  progress: Progress | null = null;
  private readonly askNow: () => Promise<Progress>;

  constructor({ ask, ...deps }: Deps) {
    super(deps);
    this.askNow = ask;
  }

  protected override async ask(): Promise<void> {
    this.progress = await this.askNow();
  }

  protected override take(message: ProgressMessage): boolean {
    if (message.type !== "progress") return false;
    this.progress = message;
    return true;
  }
}
