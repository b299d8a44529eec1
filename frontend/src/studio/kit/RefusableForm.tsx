import type { ComponentChildren, JSX } from "preact";
import { useRef } from "preact/hooks";
import type { Problem } from "../../shared/api/types";
import { t } from "../../shared/texts";
import { FieldErrors, useRefusals } from "./refusals";
import { Trouble } from "./States";

interface Props {
  readonly class: string;
  /** Why the last attempt to save failed. */
  readonly trouble: Problem | "offline" | null;
  /** The buttons. */
  readonly end: ComponentChildren;
  readonly onSave: () => void;
  readonly children: ComponentChildren;
}

/** A form whose named fields show what the server says about them; the first wrong one gets the focus. */
export function RefusableForm({ class: name, trouble, end, onSave, children }: Props): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  const { byName, rest, onInput } = useRefusals(form, trouble);
  return (
    <FieldErrors.Provider value={byName}>
      <form
        ref={form}
        class={name}
        onInput={onInput}
        onSubmit={(event) => {
          event.preventDefault();
          onSave();
        }}
      >
        {children}
        {byName.size > 0 && (
          <p class="notice notice-problem" role="alert">
            {t("Nothing was saved. Please correct the marked fields.")}
          </p>
        )}
        {(rest || trouble === "offline") && <Trouble problem={rest} onAgain={onSave} />}
        {end}
      </form>
    </FieldErrors.Provider>
  );
}
