import type { JSX } from "preact";
import type { Rows } from "./hooks/pages";
import { t } from "../../shared/texts";

export function More<T>({ rows }: { rows: Rows<T> }): JSX.Element | null {
  const { more } = rows;
  if (!more) return null;
  return (
    <p class="pages">
      <button type="button" class="action" onClick={() => void more()}>
        {t("Show more")}
      </button>
    </p>
  );
}
