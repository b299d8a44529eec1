import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api, type Category } from "../../shared/api/client";
import { Switch } from "../../shared/controls/Switch";
import { number } from "../../shared/words";
import { NumberField, SelectField } from "../kit/fields";
import { Trouble } from "../kit/States";
import { t } from "./strings";
import { tasksBody, type Wish } from "./wish";
import { useSend } from "../kit/hooks/send";
import type { CampaignFull } from "./wire";

interface Props {
  readonly campaign: CampaignFull;
  readonly categories: readonly Category[];
  readonly nTasks: number;
  readonly onDone: () => void;
}

const FIRST: Wish = {
  category: "",
  source: "",
  strategy: "all",
  nCandidates: 10,
  nTriplets: 0,
  randomPercent: 15,
  forceTrueMatch: true,
};

/** Makes the work: triplets from sketches and a shelf, or one task for each product of a shelf. */
export function Tasks({ campaign, categories, nTasks, onDone }: Props): JSX.Element {
  const [wish, setWish] = useState<Wish>(FIRST);
  const [made, setMade] = useState<number | null>(null);
  const { isBusy, trouble, send } = useSend();
  const set = (change: Partial<Wish>) => setWish({ ...wish, ...change });
  const isTriplets = campaign.kind === "triplets";
  const add = () =>
    send(async () => {
      const body = tasksBody(campaign.kind, wish);
      setMade((await api<{ made: number }>(`campaigns/${campaign.id}/tasks/`, body)).made);
      onDone();
    });
  return (
    <details class="studio-section tasks" open={nTasks === 0}>
      <summary>
        <h2>{t("addTasks")}</h2>
      </summary>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <p class="quiet">{t(isTriplets ? "addTripletsHint" : "addShelfHint")}</p>
        <div class="form-grid">
          <SelectField
            label={t("shelf")}
            value={wish.category}
            options={[["", t("allShelves")], ...categories.map(({ slug, name }) => [slug, name] as const)]}
            onChange={(category) => set({ category })}
          />
          {isTriplets && (
            <>
              <SelectField
                label={t("source")}
                value={wish.source}
                options={[
                  ["", t("sourceAny")],
                  ...(["import", "visitor", "collected"] as const).map((name) => [name, t(`source_${name}`)] as const),
                ]}
                onChange={(source) => set({ source: source as Wish["source"] })}
              />
              <NumberField
                label={t("nCandidates")}
                value={wish.nCandidates}
                min={2}
                max={50}
                onInput={(nCandidates) => set({ nCandidates })}
              />
              <SelectField
                label={t("strategy")}
                value={wish.strategy}
                options={(["all", "random", "disagreement"] as const).map((name) => [name, t(`strategy_${name}`)])}
                onChange={(strategy) => set({ strategy: strategy as Wish["strategy"] })}
              />
              {wish.strategy !== "all" && (
                <NumberField
                  label={t("nTriplets")}
                  value={wish.nTriplets}
                  hint={t("zeroNone")}
                  onInput={(nTriplets) => set({ nTriplets })}
                />
              )}
              {wish.strategy === "disagreement" && (
                <NumberField
                  label={t("randomShare")}
                  hint={t("randomShareHint")}
                  value={wish.randomPercent}
                  max={100}
                  onInput={(randomPercent) => set({ randomPercent })}
                />
              )}
              <Switch
                label={t("forceTrueMatch")}
                hint={t("forceTrueMatchHint")}
                checked={wish.forceTrueMatch}
                onChange={(forceTrueMatch) => set({ forceTrueMatch })}
              />
            </>
          )}
        </div>
        {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => void add()} />}
        <p class="form-row">
          <button class="action action-main" aria-disabled={isBusy}>
            {isBusy ? t("saving") : t("add")}
          </button>
          <span role="status">{made === null ? "" : t("madeTasks", { n: number(made) })}</span>
        </p>
      </form>
    </details>
  );
}
