/** @typedef {{ readonly text: string, readonly plural?: string, readonly forms: readonly string[], readonly isFuzzy: boolean }} Entry */

/**
 * Read a gettext catalogue (.po): its head and its entries.
 * @param {string} file
 * @returns {{ head: string, entries: Entry[] }}
 */
export function parsed(file) {
  const [head, ...parts] = file.trim().split("\n\n");
  const entries = parts.map((part) => {
    /** @param {string} keyword */
    const value = (keyword) => {
      const lines = new RegExp(`^${keyword} ((?:"[^\\n]*"\\n?)+)`, "m").exec(part)?.[1];
      const literals = lines?.trim().split("\n") ?? [];
      return lines === undefined ? undefined : literals.map((line) => JSON.parse(line)).join("");
    };
    const plural = value("msgid_plural");
    const forms = plural === undefined ? [value("msgstr")] : [value("msgstr\\[0\\]"), value("msgstr\\[1\\]")];
    return {
      text: value("msgid") ?? "",
      ...(plural === undefined ? {} : { plural }),
      forms: forms.map((form) => form ?? ""),
      isFuzzy: /^#,.*\bfuzzy\b/m.test(part),
    };
  });
  return { head, entries };
}

/**
 * @param {string} head
 * @param {readonly Entry[]} entries
 */
export function written(head, entries) {
  const parts = entries.map(({ text, plural, forms, isFuzzy }) => {
    const lines = [...(isFuzzy ? ["#, fuzzy"] : []), `msgid ${JSON.stringify(text)}`];
    if (plural === undefined) lines.push(`msgstr ${JSON.stringify(forms[0])}`);
    else
      lines.push(
        `msgid_plural ${JSON.stringify(plural)}`,
        ...forms.map((form, i) => `msgstr[${i}] ${JSON.stringify(form)}`),
      );
    return lines.join("\n");
  });
  return `${[head, ...parts].join("\n\n")}\n`;
}
