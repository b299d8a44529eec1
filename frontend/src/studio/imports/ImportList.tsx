import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { api } from "../../shared/api/client";
import type { FeedImportRow } from "../../shared/api/types";
import { number, t } from "../../shared/texts";
import { when } from "../kit/figures";
import { usePages } from "../kit/hooks/pages";
import { useSend } from "../kit/hooks/send";
import { More } from "../kit/More";
import { Await, Trouble } from "../kit/States";
import { Feeds } from "./feeds/Feeds";
import { countsOf, statusOf } from "./labels";

/** Uploads a feed, fetches others by their addresses, and lists earlier imports. */
export function ImportList(): JSX.Element {
  const [state, again] = usePages<FeedImportRow>("catalog/imports/");
  return (
    <>
      <div class="page-head">
        <h1>{t("Imports")}</h1>
      </div>
      <Upload />
      <Feeds />
      <section class="studio-section" aria-labelledby="imports-earlier">
        <h2 id="imports-earlier">{t("Earlier imports")}</h2>
        <Await state={state} onAgain={again}>
          {(rows) => (
            <>
              {rows.rows.length === 0 ? (
                <p class="quiet none">{t("No feed has been imported yet.")}</p>
              ) : (
                <Rows rows={rows.rows} />
              )}
              <More rows={rows} />
            </>
          )}
        </Await>
      </section>
    </>
  );
}

function Upload(): JSX.Element {
  const [hasFeed, setHasFeed] = useState(false);
  const { isBusy, trouble, send } = useSend();
  const upload = (form: HTMLFormElement) =>
    send(async () => {
      const data = new FormData(form);
      if ((data.get("images") as File).size === 0) data.delete("images");
      data.set("hold", "true");
      const row = await api<FeedImportRow>("catalog/imports/", data);
      location.assign(`/studio/imports/${row.id}/`);
    });
  return (
    <form
      class="form imports-upload"
      onSubmit={(event) => {
        event.preventDefault();
        void upload(event.currentTarget);
      }}
    >
      <p class="quiet">
        {t("A product export of Shopify or WooCommerce, a Google Merchant feed, or a table of your own.")}{" "}
        {t("Nothing is imported before you have seen what it would change.")}
      </p>
      <label class="imports-file">
        <span>{t("Feed (CSV, TSV, JSON, JSONL or XML)")}</span>
        <input
          type="file"
          name="feed"
          required
          accept=".csv,.tsv,.txt,.tab,.json,.jsonl,.ndjson,.xml,.rss,.atom"
          onChange={(event) => setHasFeed(event.currentTarget.value !== "")}
        />
      </label>
      <label class="imports-file">
        <span>{t("ZIP of the pictures, if the feed names files (optional)")}</span>
        <input type="file" name="images" accept=".zip" />
      </label>
      {trouble && <Trouble problem={trouble === "offline" ? null : trouble} onAgain={() => undefined} />}
      <div>
        <button class="action action-main" disabled={!hasFeed} aria-disabled={isBusy}>
          {isBusy ? t("Uploading…") : t("Upload")}
        </button>
      </div>
    </form>
  );
}

function Rows({ rows }: { rows: readonly FeedImportRow[] }): JSX.Element {
  return (
    <div class="table-wrap" tabIndex={0} role="region" aria-labelledby="imports-earlier">
      <table class="table studio-table">
        <thead>
          <tr>
            <th scope="col">{t("Feed")}</th>
            <th scope="col">{t("Status")}</th>
            <th scope="col">{t("Products")}</th>
            <th scope="col">{t("Received")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                <a href={`/studio/imports/${row.id}/`}>{row.feed_name}</a>{" "}
                {row.remote_feed && <span class="quiet">{row.remote_feed}</span>}
              </th>
              <td>{statusOf(row)}</td>
              <td>
                {countsOf(row)
                  .filter(([, n]) => n > 0)
                  .map(([label, n]) => `${number(n)} ${label}`)
                  .join(", ")}
              </td>
              <td>{when(row.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
