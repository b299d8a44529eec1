import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../../shared/api/client";
import { t } from "../../../shared/texts";
import { SelectField } from "../../kit/fields";
import { useSend } from "../../kit/hooks/send";
import { Trouble } from "../../kit/States";

type Options = readonly (readonly [value: string, name: string])[];

interface Props {
  /** Where the request is sent, below the API. */
  readonly path: string;
  readonly aggregations: Options;
  /** What has not all its answers yet, and what can become of it. */
  readonly unsettled: { readonly label: string; readonly options: Options };
  readonly onFrozen: () => void;
}

/** Freezes a campaign's answers: how they are merged, and what becomes of those that are not settled. */
export function FreezeForm({ path, aggregations, unsettled: others, onFrozen }: Props): JSX.Element {
  const [aggregation, setAggregation] = useState("majority");
  const [unsettled, setUnsettled] = useState("left_out");
  const { isBusy, trouble, send } = useSend();
  const freeze = () =>
    send(async () => {
      await api(path, { aggregation, unsettled });
      onFrozen();
    });
  return (
    <>
      <div class="form-row">
        <SelectField label={t("Aggregation")} value={aggregation} options={aggregations} onChange={setAggregation} />
        <SelectField label={others.label} value={unsettled} options={others.options} onChange={setUnsettled} />
        <button type="button" class="action" aria-disabled={isBusy} onClick={() => void freeze()}>
          {isBusy ? t("Saving…") : t("Freeze")}
        </button>
      </div>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void freeze()} />}
    </>
  );
}
