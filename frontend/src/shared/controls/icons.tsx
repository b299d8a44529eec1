import type { JSX } from "preact";
import { ICON_PATHS } from "./paths";

export function Icon({ name }: { name: keyof typeof ICON_PATHS }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={ICON_PATHS[name]} />
    </svg>
  );
}
