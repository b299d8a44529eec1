/** Measures how long an item was looked at; paused while the page is hidden or a dialog is open. */
export class Stopwatch {
  private total = 0;
  private since: number | null = null;

  constructor(private readonly now: () => number = () => performance.now()) {}

  get ms(): number {
    return Math.round(this.total + (this.since === null ? 0 : this.now() - this.since));
  }

  restart(): void {
    this.total = 0;
    this.since = this.now();
  }

  pause(): void {
    this.total = this.ms;
    this.since = null;
  }

  go(): void {
    this.since ??= this.now();
  }
}
