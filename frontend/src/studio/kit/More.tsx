import type { JSX } from "preact";
import { t } from "../../shared/texts";
import type { Rows } from "./hooks/pages";

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
