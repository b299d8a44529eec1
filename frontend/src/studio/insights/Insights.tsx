import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { Insights as Figures } from "../../shared/api/types";
import { number, t, tn } from "../../shared/texts";
import { useLoad } from "../kit/hooks/load";
import { decimal, percent } from "../kit/figures";
import { Await } from "../kit/States";
import { Days } from "./Days";
import { Empty } from "./Empty";
import { PoorCategories } from "./PoorCategories";
import { Teaching } from "./Teaching";
import { Unfound } from "./Unfound";

const PERIODS = [7, 28, 90, 365];

/** What visitors draw and open, over a period. */
export function Insights(): JSX.Element {
  const [days, setDays] = useState(28);
  const [state, again] = useLoad(() => api<Figures>(`insights/?days=${days}`), [days]);
  return (
    <>
      <div class="page-head">
        <h1>{t("Insights")}</h1>
        <div class="head-actions">
          <select
            class="field"
            aria-label={t("Period")}
            value={days}
            onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}
          >
            {PERIODS.map((n) => (
              <option key={n} value={n}>
                {tn("today", "last {n} days", n)}
              </option>
            ))}
          </select>
          <CsvLink table="days" days={days} />
        </div>
      </div>
      <Await state={state} onAgain={again} rows={6}>
        {(figures) =>
          figures.searches === 0 ? <Empty figures={figures} /> : <Content figures={figures} days={days} />
        }
      </Await>
    </>
  );
}

function Content({ figures, days }: { figures: Figures; days: number }): JSX.Element {
  const { searches, with_click: clicked, mean_rank: rank } = figures;
  return (
    <>
      <ul class="numbers">
        <li>
          <strong>{number(searches)}</strong> <span class="quiet">{tn("search", "searches", searches)}</span>
        </li>
        <li>
          <strong>{percent(clicked / searches)}</strong> <span class="quiet">{t("with an opened product")}</span>
        </li>
        <li>
          <strong>{decimal(rank, 1)}</strong> <span class="quiet">{t("mean rank of what is opened")}</span>
        </li>
      </ul>
      {figures.mode === "off" && <p class="notice">{t("Recording is off; these searches are deleted tonight.")}</p>}
      <Days days={figures.days} />
      <section class="studio-section" aria-labelledby="unfound">
        <div class="section-head">
          <h2 id="unfound">{t("Drawn, but not found")}</h2>
          <CsvLink table="names" days={days} />
        </div>
        <Unfound names={figures.names} />
      </section>
      <section class="studio-section" aria-labelledby="poor">
        <div class="section-head">
          <h2 id="poor">{t("Categories that are opened least")}</h2>
          <CsvLink table="categories" days={days} />
        </div>
        <PoorCategories rows={figures.categories} />
      </section>
      <Teaching />
    </>
  );
}

function CsvLink({ table, days }: { table: string; days: number }): JSX.Element {
  return (
    <a class="action" href={`/api/v1/insights/csv?table=${table}&days=${days}`} download>
      {t("CSV")}
    </a>
  );
}
