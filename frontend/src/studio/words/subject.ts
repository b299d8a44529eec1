/** The category or product whose names are edited. */
export interface Subject {
  /** Of its API, with a slash at the end. */
  readonly path: string;
  readonly title: string;
  /** Of a category; null for a product. */
  readonly nProducts: number | null;
}
