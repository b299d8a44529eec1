import type { JSX } from "preact";
import type { Insights } from "../../shared/api/types";
import { t } from "../../shared/texts";

/** Nothing recorded: how to switch recording on, or that it is on. */
export function Empty({ figures }: { figures: Insights }): JSX.Element {
  const isOff = figures.mode === "off";
  return (
    <div class="blank">
      <svg viewBox="0 0 160 100" aria-hidden="true">
        <path d="M12 8v80h140M28 72l28-18 26 8 30-34 28 10" />
        <path class="red" d="m104 60 14 34 6-13 13-5z" />
      </svg>
      {isOff ? (
        <>
          <h2>{t("Clicks are not recorded")}</h2>
          <p>
            {t("Recording shows what visitors draw, what they open, and what they draw but do not find.")}{" "}
            {t("No address and no name are stored.")}
          </p>
          <p>
            {t("To switch it on, start the site with")} <code>SKETCHFIND_RECORD_CLICKS=ask</code>
            {t(", which asks each visitor, or with")} <code>SKETCHFIND_RECORD_CLICKS=on</code>.
          </p>
        </>
      ) : (
        <>
          <h2>{t("No searches in this period")}</h2>
          <p>
            {figures.mode === "ask"
              ? t("Recording is on. Searches of visitors who agree appear here.")
              : t("Recording is on. Searches appear here as visitors draw.")}
          </p>
        </>
      )}
    </div>
  );
}
