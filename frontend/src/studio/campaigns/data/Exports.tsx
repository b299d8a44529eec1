import type { ComponentChildren, JSX } from "preact";
import type { Campaign } from "../../../shared/api/types";
import { t } from "../../../shared/texts";

const TABLES = ["csv", "jsonl", "parquet"] as const;

/** Downloads of a campaign's data: every answer, drawings, codebook, data sheet, or all of them. */
export function Exports({ campaign }: { campaign: Campaign }): JSX.Element {
  const here = `/api/v1/campaigns/${campaign.id}/export`;
  return (
    <section class="studio-section" aria-labelledby="exports-title">
      <h2 id="exports-title">{t("Exports")}</h2>
      <p class="quiet">
        {t(
          "Every answer, also those that do not count, with the reason. Workers have pseudonyms; there are no panel IDs.",
        )}
      </p>
      <dl class="facts exports">
        <Row name={t("Everything, in a zip with answers as")}>
          <Links address={`${here}/study`} types={TABLES} />
        </Row>
        <Row name={t("Answers")}>
          <Links address={`${here}/votes`} types={TABLES} />
        </Row>
        {campaign.kind === "sketches" && (
          <Row name={t("Drawings as strokes")}>
            <a class="link" href={`${here}/drawings`} download>
              NDJSON
            </a>
          </Row>
        )}
        <Row name={t("Codebook")}>
          <Links address={`${here}/codebook`} types={["md", "csv", "json"]} />
        </Row>
        <Row name={t("Data sheet")}>
          <a class="link" href={`${here}/datasheet`} download>
            MD
          </a>
        </Row>
      </dl>
    </section>
  );
}

function Row({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="row-actions">{children}</dd>
    </div>
  );
}

interface LinksProps {
  readonly address: string;
  readonly types: readonly string[];
}

/** One link per file type. */
export function Links({ address, types }: LinksProps): JSX.Element {
  return (
    <>
      {types.map((type) => (
        <a class="link" key={type} href={`${address}?type=${type}`} download>
          {type.toUpperCase()}
        </a>
      ))}
    </>
  );
}
