import type { Card, Photo } from "../../../shared/api/types";

/** Common to assignments of all kinds. `training` marks a worked example, judged at once. */
export type Item = Omit<Card, "id" | "lease_expires_at" | "left" | "right" | "product" | "sketch_url"> & {
  readonly id: number;
  readonly lease_expires_at: string;
};

export interface Triplet extends Item {
  readonly kind: "triplets";
  readonly sketch_url: string;
  readonly left: Photo;
  readonly right: Photo;
}
