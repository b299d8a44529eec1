import type { JSX } from "preact";
import type { Hit, Product } from "../../shared/api/types";
import { Icon } from "../../shared/controls/icons";
import { t, tn } from "../../shared/texts";
import { Match } from "./Match";

interface Props {
  readonly hit: Hit;
  /** Whether to explain the match: for a drawing, not for similar products. */
  readonly onWhy: ((hit: Hit) => void) | null;
  readonly onSimilar: (product: Product) => void;
  /** The product's page is opened, in this tab or another. */
  readonly onOpen: (hit: Hit) => void;
}

export function ResultCard({ hit, onWhy, onSimilar, onOpen }: Props): JSX.Element {
  const { product, match, folded = 0 } = hit;
  return (
    <li class="card" data-flip={product.id}>
      <a
        class="card-link"
        href={product.url}
        onClick={() => onOpen(hit)}
        onAuxClick={({ button }) => button === 1 && onOpen(hit)}
      >
        <span class="plate">
          <img
            src={product.thumb_url ?? product.photo_url}
            alt=""
            width={192}
            height={192}
            decoding="async"
            draggable={false}
          />
        </span>
        <span class="card-name">{product.name}</span>
        <Offer product={product} />
      </a>
      {folded > 0 && (
        <button
          type="button"
          class="folded"
          title={tn("Show 1 near-identical product", "Show {n} near-identical products", folded)}
          onClick={() => onSimilar(product)}
        >
          {t("+{n} similar", { n: folded })}
        </button>
      )}
      <Match match={match} />
      <div class="card-tools">
        {product.link && (
          <a
            class="mini"
            href={product.link}
            rel="noopener nofollow"
            aria-label={`${t("View in the shop")}: ${product.name}`}
            title={t("View in the shop")}
          >
            <Icon name="enlarge" />
          </a>
        )}
        {onWhy && (
          <button
            type="button"
            class="mini"
            aria-label={`${t("Why this match")}: ${product.name}`}
            title={t("Why this match")}
            onClick={() => onWhy(hit)}
          >
            <Icon name="why" />
          </button>
        )}
        <button
          type="button"
          class="mini"
          aria-label={`${t("More like this")}: ${product.name}`}
          title={t("More like this")}
          onClick={() => onSimilar(product)}
        >
          <Icon name="similar" />
        </button>
      </div>
    </li>
  );
}

const SCARCE: Readonly<Record<string, () => string>> = {
  out_of_stock: () => t("Out of stock"),
  preorder: () => t("Pre-order"),
  backorder: () => t("On backorder"),
};

/** Price, brand, and that a product cannot be had at once; nothing for a catalogue without them. */
function Offer({ product }: { product: Product }): JSX.Element | null {
  const scarce = SCARCE[product.availability]?.();
  if (!product.price && !product.brand && !scarce) return null;
  return (
    <span class="card-offer">
      {product.price && <strong>{product.price.text}</strong>} {scarce ?? product.brand}
    </span>
  );
}

/** A placeholder for a card. */
export function EmptyCard(): JSX.Element {
  return (
    <li class="card card-empty" aria-hidden="true">
      <span class="plate" />
      <span class="card-name" />
      <span class="match" />
    </li>
  );
}
