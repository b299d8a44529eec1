import german from "virtual:embed-de";
import { filled, type Values } from "../shared/texts";

/** Texts in the language of one element, whatever the language of its page. German comes with the script. */
export class Texts {
  constructor(readonly language: "en" | "de") {}

  /** The language in force for an element, by the nearest `lang`. */
  static of(element: Element): Texts {
    const named = element.closest<HTMLElement>("[lang]")?.lang ?? "";
    return new Texts(named.toLowerCase().startsWith("de") ? "de" : "en");
  }

  t(text: string, values: Values = {}): string {
    return filled(this.forms(text)?.[0] ?? text, values);
  }

  tn(one: string, many: string, n: number): string {
    const form = new Intl.PluralRules(this.language).select(n) === "one" ? 0 : 1;
    return filled(this.forms(one)?.[form] ?? [one, many][form], { n });
  }

  private forms(text: string): readonly string[] | undefined {
    return this.language === "de" ? german[text] : undefined;
  }
}
