import type { Item } from "../shell/session/types";

/** A product to draw from memory. */
export interface SketchItem extends Item {
  readonly kind: "sketches";
  /** The photo's URL is sent with the exposure. */
  readonly product: { readonly name: string };
}
