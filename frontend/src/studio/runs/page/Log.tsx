import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { LogLine } from "../../../shared/api/types";
import { t } from "../../../shared/texts";

/** Maximum distance from the log's end, in px, at which it follows new lines. */
const NEAR_PX = 24;

/** The training's live log. It follows its end unless the reader has scrolled up. */
export function RunLog({ lines }: { lines: readonly LogLine[] }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [onlyTrouble, setOnlyTrouble] = useState(false);
  const shown = onlyTrouble ? lines.filter(({ level }) => level !== "info") : lines;
  useLayoutEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown]);
  const onScroll = () => {
    const element = box.current;
    if (element) follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
  };
  return (
    <section class="studio-section" id="log" aria-labelledby="log-title">
      <header class="section-head">
        <h2 id="log-title">{t("Log")}</h2>
        {lines.length > 0 && (
          <label class="pick">
            <input
              type="checkbox"
              checked={onlyTrouble}
              onChange={(event) => setOnlyTrouble(event.currentTarget.checked)}
            />
            {t("Warnings and errors only")}
          </label>
        )}
      </header>
      {lines.length === 0 ? (
        <p class="quiet none">{t("No log entries yet.")}</p>
      ) : (
        <div ref={box} class="log" lang="en" tabIndex={0} role="log" aria-label={t("Log")} onScroll={onScroll}>
          <ol>
            {shown.map((line) => (
              <li key={line.number} class={`log-${line.level}`}>
                <time dateTime={line.at}>{clock(line.at)}</time> <span>{line.text}</span>
              </li>
            ))}
            {shown.length === 0 && <li class="quiet">{t("No warnings or errors.")}</li>}
          </ol>
        </div>
      )}
    </section>
  );
}

function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString("en-GB");
}
