import { useLayoutEffect, useReducer } from "preact/hooks";

/**
 * Draws the component anew whenever one of the subscriptions fires. They stand as soon as the component does: an effect
 * after the first paint would miss what happens meanwhile.
 */
export function useChanges(subscribe: (redraw: () => void) => (() => void)[], inputs: readonly unknown[]): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => {
    const stops = subscribe(() => redraw(undefined as never));
    return () => stops.forEach((stop) => stop());
  }, inputs);
}
