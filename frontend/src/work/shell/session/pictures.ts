/** Loads and decodes pictures ahead; references to the last few make the browser keep their pixels. */
export class Pictures {
  private readonly held = new Map<string, Promise<void>>();
  private readonly elements = new Map<string, HTMLImageElement>();

  constructor(private readonly most = 24) {}

  /** Resolves when all can be painted at once. A failed one resolves too, and its alternative text is shown. */
  async warm(urls: readonly string[]): Promise<void> {
    await Promise.all(urls.map((url) => this.load(url)));
  }

  private load(url: string): Promise<void> {
    const known = this.held.get(url);
    if (known) return known;
    const image = new Image();
    image.src = url;
    const loading = image.decode().catch(() => this.drop(url));
    this.held.set(url, loading);
    this.elements.set(url, image);
    for (const oldest of [...this.held.keys()].slice(0, -this.most)) this.drop(oldest);
    return loading;
  }

  private drop(url: string): void {
    this.held.delete(url);
    this.elements.delete(url);
  }
}
