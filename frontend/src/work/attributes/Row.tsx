import type { JSX } from "preact";
import { t } from "../shell/strings";
import type { Answer } from "./answers";

interface Props {
  readonly slug: string;
  readonly name: string;
  readonly answer: Answer | undefined;
  readonly isInTurn: boolean;
  readonly onAnswer: (answer: Answer) => void;
}

const CHOICES = [
  ["yes", true],
  ["no", false],
  ["unsure", null],
] as const;

/** One attribute with its three answers: radio buttons that look like keys. */
export function Row({ slug, name, answer, isInTurn, onAnswer }: Props): JSX.Element {
  return (
    <li class={isInTurn ? "row row-in-turn" : "row"}>
      <fieldset>
        <legend>{name}</legend>
        <div class="row-choices">
          {CHOICES.map(([words, value]) => (
            <label class={`choice choice-${words}`} key={words}>
              <input
                type="radio"
                class="visually-hidden"
                name={slug}
                checked={answer === value}
                onChange={() => onAnswer(value)}
              />
              <span>{t(words)}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </li>
  );
}
