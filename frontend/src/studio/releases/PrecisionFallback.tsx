import type { JSX } from "preact";
import type { LiveRelease } from "../../shared/api/types";
import { t } from "../../shared/texts";

/** Why the server that answered runs fp32 instead of int8; nothing where it does not. */
export function PrecisionFallback({ of: { fallback } }: { of: LiveRelease }): JSX.Element | null {
  return fallback ? (
    <small class="run-why">
      {t("fp32 instead of int8 on this server:")} <span lang="en">{fallback}</span>
    </small>
  ) : null;
}
