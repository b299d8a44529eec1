import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Drawing } from "../../ink/types";
import type { Hit, Product } from "../../shared/api/types";
import { Dialog } from "../../shared/controls/Dialog";
import { Icon } from "../../shared/controls/icons";
import { number, t } from "../../shared/texts";
import { Match } from "../results/Match";
import { OVERLAY_SIDE, overlayPath } from "./overlay";

const LAYERS = [
  { layer: "photo", label: () => t("Photo") },
  { layer: "edges", label: () => t("Photo edges") },
  { layer: "yourSketch", label: () => t("Your sketch") },
] as const;

interface Props {
  readonly hit: Hit;
  readonly ink: Drawing;
  readonly codeLength: number | undefined;
  readonly onOpen: (hit: Hit) => void;
  readonly onSimilar: (product: Product) => void;
  readonly onClose: () => void;
}

/** The product's photo, its edges and the sketch, overlaid: what the search compared. */
export function WhyDialog({ hit, ink, codeLength, onOpen, onSimilar, onClose }: Props): JSX.Element {
  const [layers, setLayers] = useState({ photo: true, edges: true, yourSketch: true });
  const { product } = hit;
  return (
    <Dialog title={t("Why “{name}”?", { name: product.name })} onClose={onClose} wide>
      <div class="why">
        <div class="stage">
          <img
            class={layers.photo ? "stage-photo" : "stage-photo stage-off"}
            src={product.photo_url}
            alt={product.name}
          />
          {layers.edges && product.edges_url && <img class="stage-layer stage-edges" src={product.edges_url} alt="" />}
          {layers.yourSketch && (
            <svg
              class="stage-layer stage-sketch"
              viewBox={`0 0 ${OVERLAY_SIDE} ${OVERLAY_SIDE}`}
              preserveAspectRatio="none"
              aria-hidden="true"
            >
              <path d={overlayPath(ink, product.photo_box)} />
            </svg>
          )}
        </div>
        <div class="why-side">
          <p>
            {t(
              "The search compares lines. Your sketch is drawn in red over the photo’s edges, both scaled to the product.",
            )}
          </p>
          <fieldset class="layers">
            <legend class="visually-hidden">{t("Layers")}</legend>
            {LAYERS.map(({ layer, label }) => (
              <label class={`layer layer-${layer}`} key={layer}>
                <input
                  type="checkbox"
                  checked={layers[layer]}
                  onChange={(event) => setLayers({ ...layers, [layer]: event.currentTarget.checked })}
                />
                {label()}
              </label>
            ))}
          </fieldset>
          <dl class="facts">
            <div>
              <dt>{t("Match")}</dt>
              <dd>
                <Match match={hit.match} /> <span class="quiet">{number(hit.score, 2)}</span>
              </dd>
            </div>
            {hit.hamming !== undefined && (
              <div>
                <dt>{t("Code")}</dt>
                <dd>{t("{n} of {total} bits differ", { n: hit.hamming, total: codeLength ?? 64 })}</dd>
              </div>
            )}
          </dl>
          <div class="why-actions">
            <a
              class="action action-main"
              href={product.url}
              onClick={() => onOpen(hit)}
              onAuxClick={({ button }) => button === 1 && onOpen(hit)}
            >
              {t("Open product")}
            </a>
            <button type="button" class="action" onClick={() => onSimilar(product)}>
              <Icon name="similar" /> {t("More like this")}
            </button>
            <a class="action" href={`/?trace=${product.id}`}>
              <Icon name="pen" /> {t("Trace this product")}
            </a>
          </div>
        </div>
      </div>
    </Dialog>
  );
}
