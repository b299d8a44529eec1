import type { FeedImportRow } from "../../shared/api/types";
import { number, t, tn } from "../../shared/texts";

export function statusOf(row: FeedImportRow): string {
  if (row.status === "draft") return t("Columns to be confirmed");
  if (row.status === "queued") return t("Waiting");
  if (row.status === "running") return t("Running");
  if (row.status === "failed") return t("Failed");
  return row.dry_run ? t("Checked") : t("Imported");
}

/** What became of the rows, or would become of them. */
export function countsOf(row: FeedImportRow): readonly (readonly [label: string, n: number])[] {
  const counts: (readonly [string, number])[] = [
    [t("new"), row.created],
    [t("changed"), row.updated],
    [t("unchanged"), row.unchanged],
    [t("refused"), row.refused],
  ];
  if (row.complete) counts.push([t("taken off sale"), row.withdrawn]);
  return counts;
}

/** The fields that a column can be, in words. */
export function targetLabel(target: string): string {
  return TARGETS[target]?.() ?? target;
}

const TARGETS: Readonly<Record<string, () => string>> = {
  sku: () => t("Item number"),
  name: () => t("Name"),
  category: () => t("Category"),
  images: () => t("Pictures"),
  description: () => t("Description"),
  link: () => t("Page in the shop"),
  price: () => t("Price"),
  sale_price: () => t("Reduced price"),
  sale_dates: () => t("Dates of the reduced price"),
  currency: () => t("Currency"),
  availability: () => t("Availability"),
  brand: () => t("Brand"),
  gtin: () => t("GTIN"),
  tags: () => t("Tags"),
  licence: () => t("Licence"),
  author: () => t("Created by"),
  source: () => t("Source"),
  active: () => t("On sale"),
  attributes: () => t("Further attributes (JSON)"),
  id: () => t("Key of the product"),
  parent: () => t("Product of a variant"),
  image_position: () => t("Position of the picture"),
};

/** What to know of a layout. */
export function layoutHelp(layout: string): string {
  return HELP[layout]?.() ?? "";
}

const HELP: Readonly<Record<string, () => string>> = {
  shopify: () => t("A product's item number is its handle. Prices have no currency: enter it below."),
  "shopify-json": () => t("A product's item number is its handle. Prices have no currency: enter it below."),
  woocommerce: () => t("Variations belong to their product. Prices have no currency: enter it below."),
  table: () => t("Columns are recognised by usual English and German names."),
};

export function withdrawnText(n: number): string {
  return tn("1 product is not in the feed", "{n} products are not in the feed", n, { n: number(n) });
}
