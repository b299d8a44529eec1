import type { JSX } from "preact";
import { words } from "../../shared/words";
import type { Rows } from "./hooks/pages";

const t = words<"moreRows">();

export function More<T>({ rows }: { rows: Rows<T> }): JSX.Element | null {
  const { more } = rows;
  if (!more) return null;
  return (
    <p class="pages">
      <button type="button" class="action" onClick={() => void more()}>
        {t("moreRows")}
      </button>
    </p>
  );
}
