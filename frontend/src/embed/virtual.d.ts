declare module "virtual:embed-de" {
  /** Translations by English text; of a counted text, one per plural form. */
  const texts: Readonly<Record<string, readonly string[]>>;
  export default texts;
}
