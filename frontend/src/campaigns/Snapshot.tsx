import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../shared/api";
import { SelectField } from "./fields";
import { Trouble } from "./States";
import { t } from "./strings";
import { useSend } from "./useSend";

const FILES = ["csv", "jsonl", "parquet", "zip"] as const;

interface Frozen {
  readonly id: number;
  readonly name: string;
  readonly sha256: string;
}

/** Freezes the votes that count into a snapshot to train on, and gives it away as a file. */
export function Snapshot({ id }: { id: number }): JSX.Element {
  const [aggregation, setAggregation] = useState<string>("majority");
  const [frozen, setFrozen] = useState<Frozen | null>(null);
  const { isBusy, trouble, send } = useSend();
  const aggregations = [
    ["majority", t("majority")],
    ["dawid-skene", "Dawid-Skene"],
    ["bradley-terry", "Bradley-Terry"],
  ] as const;
  const freeze = () =>
    send(async () => setFrozen(await api<Frozen>(`campaigns/${id}/snapshots/`, { aggregation })));
  return (
    <section class="studio-section" aria-labelledby="snapshot-title">
      <h2 id="snapshot-title">{t("snapshot")}</h2>
      <p class="quiet">{t("snapshotHint")}</p>
      <div class="form-row">
        <SelectField label={t("aggregation")} value={aggregation} options={aggregations} onChange={setAggregation} />
        <button type="button" class="action" aria-disabled={isBusy} onClick={() => void freeze()}>
          {isBusy ? t("saving") : t("freeze")}
        </button>
      </div>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void freeze()} />}
      {frozen && (
        <p class="form-row" role="status">
          <span>
            {frozen.name} <code>{frozen.sha256.slice(0, 12)}</code>
          </span>
          {FILES.map((type) => (
            <a class="action" key={type} href={`/api/v1/snapshots/${frozen.id}/export?type=${type}`} download>
              {type.toUpperCase()}
            </a>
          ))}
        </p>
      )}
    </section>
  );
}
