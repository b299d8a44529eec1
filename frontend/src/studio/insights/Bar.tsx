import type { JSX } from "preact";

interface Props {
  readonly value: number;
  readonly total: number;
  /** The total of the longest bar. */
  readonly most: number;
}

/** A bar as long as `total`, filled as far as `value`; the words beside it say the same. */
export function Bar({ value, total, most }: Props): JSX.Element {
  return (
    <svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-total" width={(100 * total) / most} height="6" />
      <rect class="bar-value" width={(100 * value) / most} height="6" />
    </svg>
  );
}
