import type { NameFit } from "../../shared/api/types";
import { t } from "../../shared/texts";

/** Where a name comes from, in words. */
export function originText({ origin, word }: NameFit): string {
  switch (origin) {
    case "correction":
      return t("Corrected by an operator");
    case "category":
      return t("From “{word}” in the category", { word });
    case "type":
      return t("From “{word}” in the product's type", { word });
    case "name":
      return word ? t("From “{word}” in the product's name", { word }) : t("From the words of single products");
  }
}
