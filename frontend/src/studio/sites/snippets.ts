/** What goes into a page of another site. */
export function scriptSnippet(origin: string, key: string): string {
  return `<script src="${origin}/embed.js" defer></script>\n<sketch-search key="${key}"></sketch-search>`;
}

/** The same for pages that may not run scripts of others. */
export function frameSnippet(origin: string, key: string): string {
  return `<iframe src="${origin}/embed/?key=${key}" title="Search by sketch" width="100%" height="900"></iframe>`;
}
