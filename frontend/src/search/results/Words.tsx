import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../shared/controls/icons";
import { t } from "../../shared/texts";
import type { Finder } from "../live/finder";
import { MAX_TEXT } from "../live/query";

/** Words are searched once typing has paused this long. */
const PAUSE_MS = 350;

/** Words that narrow the results of the drawing. */
export function Words({ finder, examples }: { finder: Finder; examples: readonly string[] }): JSX.Element {
  const applied = finder.filters.text;
  const [text, setText] = useState(applied);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (text.trim() !== applied) setText(applied);
  }, [applied]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const apply = (words: string) => {
    clearTimeout(timer.current);
    if (words.trim() !== finder.filters.text) finder.narrow({ text: words.trim() });
  };
  const type = (words: string) => {
    setText(words);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => apply(words), PAUSE_MS);
  };
  const clear = () => {
    setText("");
    apply("");
    input.current?.focus();
  };
  return (
    <form
      class="words"
      onSubmit={(event) => {
        event.preventDefault();
        apply(text);
      }}
    >
      <input
        ref={input}
        class="field"
        type="text"
        enterKeyHint="search"
        autocomplete="off"
        maxLength={MAX_TEXT}
        aria-label={t("Words that narrow the results")}
        placeholder={examples.length > 0 ? t("Add words: {words} …", { words: examples.join(", ") }) : t("Add words")}
        value={text}
        onInput={({ currentTarget }) => type(currentTarget.value)}
      />
      {text && (
        <button type="button" class="mini" aria-label={t("Clear words")} title={t("Clear words")} onClick={clear}>
          <Icon name="close" />
        </button>
      )}
    </form>
  );
}
