import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { centreLines } from "../../ink/outline";
import { fromPayload } from "../../ink/payload";
import { PAGE } from "../../ink/types";
import { api, listOf } from "../../shared/api/client";
import type { Example } from "../../shared/api/types";
import { t } from "../../shared/texts";

/** Example sketches, for visitors who cannot or do not want to draw. The page also works without them. */
export function Examples({ onPick }: { onPick: (example: Example) => void }): JSX.Element | null {
  const [examples, setExamples] = useState<readonly Example[]>([]);
  useEffect(() => {
    api<readonly Example[] | { results: readonly Example[] }>("examples/").then(
      (body) => setExamples(listOf(body)),
      () => undefined,
    );
  }, []);
  return (
    <section class="examples" aria-labelledby="examples-title">
      <h3 id="examples-title">{t("Or start from an example")}</h3>
      <ul class="example-list">
        {examples.map((example) => (
          <li key={example.name}>
            <button
              type="button"
              class="example"
              aria-label={t("Search with example sketch: {name}", { name: example.name })}
              onClick={() => onPick(example)}
            >
              <svg viewBox={`-20 -20 ${PAGE + 40} ${PAGE + 40}`} aria-hidden="true">
                <path d={centreLines(fromPayload(example.sketch))} />
              </svg>
              <span aria-hidden="true">{example.name}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
