import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

/** The main button: focused as soon as it is shown, so that Enter is enough. */
export function MainButton({ onClick, children }: Props): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => button.current?.focus({ preventScroll: true }), []);
  return (
    <button ref={button} type="button" class="action action-main" onClick={onClick}>
      {children}
    </button>
  );
}
