import { h } from "./dom";
import type { Product } from "./server";
import type { Texts } from "./texts";

/** Price, brand, and that a product cannot be had at once; nothing for a catalogue without them. */
export function offer(texts: Texts, { price, brand, availability }: Product): readonly HTMLElement[] {
  const scarce: string | undefined = {
    out_of_stock: texts.t("Out of stock"),
    preorder: texts.t("Pre-order"),
    backorder: texts.t("On backorder"),
  }[availability as string];
  if (!price && !brand && !scarce) return [];
  const cost = price ? [h("strong", {}, price.text), " "] : [];
  return [h("span", { class: "offer", part: "offer" }, ...cost, scarce ?? brand)];
}
