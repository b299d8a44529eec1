import type { JSX } from "preact";
import type { LiveRelease } from "../../shared/api/types";
import { t } from "../../shared/texts";

/** Why the answering server runs fp32 instead of int8; empty if it does not. */
export function PrecisionFallback({ of: { fallback } }: { of: LiveRelease }): JSX.Element | null {
  return fallback ? (
    <small class="run-why">
      {t("fp32 instead of int8 on this server:")} <span lang="en">{fallback}</span>
    </small>
  ) : null;
}
