import { useLayoutEffect, useReducer } from "preact/hooks";

/**
 * Re-render the component whenever one of the subscriptions fires. They are active from the first render: an effect
 * after the first paint would miss earlier events.
 */
export function useChanges(subscribe: (redraw: () => void) => (() => void)[], inputs: readonly unknown[]): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => {
    const stops = subscribe(() => redraw(undefined as never));
    return () => stops.forEach((stop) => stop());
  }, inputs);
}
