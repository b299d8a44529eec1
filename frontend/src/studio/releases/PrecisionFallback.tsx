import type { JSX } from "preact";
import { t } from "../strings";
import type { LiveRelease } from "../wire";

/** Why the server that answered runs fp32 instead of int8; nothing where it does not. */
export function PrecisionFallback({ of: { fallback } }: { of: LiveRelease }): JSX.Element | null {
  return fallback ? (
    <small class="run-why">
      {t("precisionFallback")} <span lang="en">{fallback}</span>
    </small>
  ) : null;
}
