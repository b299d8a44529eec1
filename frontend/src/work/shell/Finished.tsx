import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../../shared/texts";
import type { Item } from "./session/types";
import type { Ending, Work } from "./session/work";
import { Blank } from "./Welcome";

interface Props<A extends Item> {
  readonly work: Work<A>;
  readonly why: Ending;
}

/** Thanks, and the completion code once the server has confirmed everything. */
export function Finished<A extends Item>({ work, why }: Props<A>): JSX.Element {
  const title = {
    all: t("All done, thank you"),
    cap: t("You’ve done your share. Thank you!"),
    left: t("Thank you"),
  }[why];
  const { waiting } = work.outbox;
  return (
    <Blank
      title={title}
      text={
        work.done > 0
          ? t("Your answers: {n}. Each one helps the search learn what looks alike.", { n: work.done })
          : t("Come back any time.")
      }
    >
      {waiting > 0 && (
        <div class="notice work-sending" role="status">
          <p>{t("Answers not saved yet: {n}. Keep this page open until they are.", { n: waiting })}</p>
          <button type="button" class="action" onClick={() => work.reconnect()}>
            {t("Try again")}
          </button>
        </div>
      )}
      {work.code && <Code code={work.code} url={work.completionUrl} />}
      {why !== "cap" && !work.code && (
        <button type="button" class="action action-main" onClick={() => work.goOn()}>
          {why === "left" ? t("Keep going") : t("Check for more tasks")}
        </button>
      )}
      <a class="action" href="/annotate/">
        {t("Other campaigns")}
      </a>
    </Blank>
  );
}

function Code({ code, url }: { code: string; url: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  return (
    <section class="code" aria-labelledby="code-title">
      <h2 id="code-title">{t("Completion code")}</h2>
      <p class="code-row">
        <output class="code-value">{code}</output>
        <button
          type="button"
          class={url ? "action" : "action action-main"}
          onClick={() => void navigator.clipboard?.writeText(code).then(() => setCopied(true))}
        >
          {isCopied ? t("Copied") : t("Copy")}
        </button>
      </p>
      <p class="quiet">{t("All your answers have been received. Enter this code on the panel’s site.")}</p>
      {url && (
        <a class="action action-main" href={url}>
          {t("Return to the panel")}
        </a>
      )}
    </section>
  );
}
