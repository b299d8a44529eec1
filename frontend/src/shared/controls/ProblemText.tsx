import type { JSX } from "preact";
import type { Problem } from "../api/types";
import { t } from "../texts";

/** A problem+json from the server, with its field. */
export function ProblemText({ problem }: { problem: Problem }): JSX.Element {
  const { title, detail, field, errors = [] } = problem;
  const parts = errors.length > 0 ? errors : field ? [{ field, message: "" }] : [];
  return (
    <div>
      <p>
        <strong>{t("Something went wrong.")}</strong> {detail ?? title}
      </p>
      {parts.map((part) => (
        <p class="notice-field" key={part.field}>
          {t("Field:")} <code>{part.field}</code>
          {part.message && part.message !== detail && ` ${part.message}`}
        </p>
      ))}
    </div>
  );
}
