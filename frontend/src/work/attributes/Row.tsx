import type { JSX } from "preact";
import { t } from "../../shared/texts";
import type { Answer } from "./answers";

interface Props {
  readonly slug: string;
  readonly name: string;
  readonly answer: Answer | undefined;
  readonly isInTurn: boolean;
  readonly onAnswer: (answer: Answer) => void;
}

const CHOICES = [
  ["yes", true, () => t("Yes")],
  ["no", false, () => t("No")],
  ["unsure", null, () => t("Can’t tell")],
] as const;

/** One attribute with its three answers: radio buttons that look like keys. */
export function Row({ slug, name, answer, isInTurn, onAnswer }: Props): JSX.Element {
  return (
    <li class={isInTurn ? "row row-in-turn" : "row"}>
      <fieldset>
        <legend>{name}</legend>
        <div class="row-choices">
          {CHOICES.map(([choice, value, label]) => (
            <label class={`choice choice-${choice}`} key={choice}>
              <input
                type="radio"
                class="visually-hidden"
                name={slug}
                checked={answer === value}
                onChange={() => onAnswer(value)}
              />
              <span>{label()}</span>
            </label>
          ))}
        </div>
      </fieldset>
    </li>
  );
}
