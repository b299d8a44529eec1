import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "./strings";
import type { Item } from "./session/types";
import { Blank } from "./Welcome";
import type { Ending, Work } from "./session/work";

interface Props<A extends Item> {
  readonly work: Work<A>;
  readonly why: Ending;
}

/** Thanks; the completion code once the server has a receipt for everything. */
export function Finished<A extends Item>({ work, why }: Props<A>): JSX.Element {
  const title = { all: t("allTitle"), cap: t("capTitle"), left: t("leftTitle") }[why];
  const { waiting } = work.outbox;
  return (
    <Blank title={title} text={work.done > 0 ? t("finishedN", { n: work.done }) : t("finishedNone")}>
      {waiting > 0 && (
        <div class="notice work-sending" role="status">
          <p>{t("sending", { n: waiting })}</p>
          <button type="button" class="action" onClick={() => work.reconnect()}>
            {t("tryAgain")}
          </button>
        </div>
      )}
      {work.code && <Code code={work.code} url={work.completionUrl} />}
      {why !== "cap" && !work.code && (
        <button type="button" class="action action-main" onClick={() => work.goOn()}>
          {why === "left" ? t("keepGoing") : t("lookForMore")}
        </button>
      )}
      <a class="action" href="/annotate/">
        {t("otherCampaigns")}
      </a>
    </Blank>
  );
}

function Code({ code, url }: { code: string; url: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  return (
    <section class="code" aria-labelledby="code-title">
      <h2 id="code-title">{t("codeTitle")}</h2>
      <p class="code-row">
        <output class="code-value">{code}</output>
        <button
          type="button"
          class={url ? "action" : "action action-main"}
          onClick={() => void navigator.clipboard?.writeText(code).then(() => setCopied(true))}
        >
          {isCopied ? t("copied") : t("copy")}
        </button>
      </p>
      <p class="quiet">{t("codeText")}</p>
      {url && (
        <a class="action action-main" href={url}>
          {t("backToPanel")}
        </a>
      )}
    </section>
  );
}
