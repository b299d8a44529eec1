interface Row {
  readonly id: number;
}

/** Options of a choice between rows, by id. Where several have the same name, each is followed by its mark. */
export function optionsOf<T extends Row>(
  rows: readonly T[],
  nameOf: (row: T) => string,
  markOf: (row: T) => string,
): (readonly [id: string, name: string])[] {
  const times = new Map<string, number>();
  for (const row of rows) times.set(nameOf(row), (times.get(nameOf(row)) ?? 0) + 1);
  return rows.map((row) => {
    const name = nameOf(row);
    return [String(row.id), (times.get(name) ?? 0) > 1 ? `${name} (${markOf(row)})` : name] as const;
  });
}

/** Options of a choice between campaigns. */
export function campaignOptions(rows: readonly (Row & { readonly title: string; readonly slug: string })[]) {
  return optionsOf(
    rows,
    ({ title }) => title,
    ({ slug }) => slug,
  );
}

/** Options of a choice between snapshots, by the beginning of their SHA-256, as their tables show it. */
export function snapshotOptions<T extends Row & { readonly name: string; readonly sha256: string }>(
  rows: readonly T[],
  nameOf: (row: T) => string = ({ name }) => name,
) {
  return optionsOf(rows, nameOf, ({ sha256 }) => sha256.slice(0, 12));
}
