import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Feedback as Judged } from "../../shared/api/types";
import { ProblemText } from "../../shared/controls/ProblemText";
import { loadPrefs, savePrefs, type Prefs } from "../../shared/prefs";
import { t, tn } from "../../shared/texts";
import { useChanges } from "../../shared/useChanges";
import { AboutStudy } from "./AboutStudy";
import { Bar } from "./Bar";
import { CodeDue } from "./CodeDue";
import { Feedback } from "./Feedback";
import { Finished } from "./Finished";
import { HelpDialog, type Shortcut } from "./HelpDialog";
import { MainButton } from "./MainButton";
import type { Item } from "./session/types";
import type { Work } from "./session/work";
import { Stopped } from "./Stopped";
import { Unsaved } from "./Unsaved";
import { useActivity } from "./useActivity";
import { Blank, Welcome } from "./Welcome";
import { YourData } from "./YourData";

export interface ItemProps<A extends Item> {
  readonly work: Work<A>;
  readonly item: A;
  readonly singleKeys: boolean;
}

interface Props<A extends Item> {
  readonly work: Work<A>;
  readonly isPreview: boolean;
  /** Where the panel awaits those who are refused; empty without one. */
  readonly panelUrl: string;
  /** Why nobody can join by the page's link; empty if they can. */
  readonly refused: string;
  readonly shortcuts: readonly Shortcut[];
  readonly render: (props: ItemProps<A>) => ComponentChildren;
  /** A training item's right answer in words. */
  readonly answerText: (feedback: Judged, work: Work<A>) => string;
}

/** Shared by all kinds of campaign: welcome, bar, breaks, the end. `render` shows an item. */
export function WorkPage<A extends Item>({
  work,
  isPreview,
  panelUrl,
  refused,
  shortcuts,
  render,
  answerText,
}: Props<A>): JSX.Element {
  const [prefs, setPrefs] = useState<Prefs>(loadPrefs);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [announcement, announce] = useState("");
  useChanges((redraw) => [work.events.on("change", redraw)], [work]);
  useActivity(work);
  useEffect(
    () =>
      work.events.on("announcement", (what) => {
        const words = {
          saved: t("Answer {n} saved.", { n: work.earnings.credited }),
          undone: t("Undone. Choose again."),
          refused: t("An answer was not saved."),
        };
        announce(words[what]);
      }),
    [work],
  );
  const { phase, item } = work;
  const atWork = item !== null || phase.kind === "break";
  return (
    <div class="work">
      {isPreview && (
        <p class="work-preview" role="note">
          <strong>{t("Preview.")}</strong> {t("This is what workers see; nothing is saved.")}
        </p>
      )}
      {atWork && <Bar work={work} onMenu={() => setHelpOpen(true)} />}
      {atWork && work.earnings.ended?.ending === "finished" && (
        <p class="quiet work-earned">
          {t("Your completion code: {code}. You may continue.", { code: work.earnings.ended.completion_code })}
        </p>
      )}
      {atWork && work.earnings.isCodeDue && <CodeDue work={work} />}
      <Unsaved work={work} />
      {phase.kind === "welcome" && <Welcome work={work} panelUrl={panelUrl} refused={refused} />}
      {phase.kind === "loading" && <Blank title={t("Loading tasks…")} isBusy />}
      {phase.kind === "away" && (
        <Blank
          title={t("No connection")}
          text={t("Your answers are kept in this browser. The next task loads when you are back online.")}
        >
          <button type="button" class="action action-main" onClick={() => work.reconnect()}>
            {t("Try again")}
          </button>
        </Blank>
      )}
      {phase.kind === "problem" && (
        <div class="work-notice notice notice-problem" role="alert">
          <ProblemText problem={phase.problem} />
          {panelUrl && (
            <a class="action action-main" href={panelUrl}>
              {t("Return to the panel")}
            </a>
          )}
          <button type="button" class="action" onClick={() => location.reload()}>
            {t("Try again")}
          </button>
          <a class="action" href="/annotate/">
            {t("Other campaigns")}
          </a>
        </div>
      )}
      {item?.warning && phase.kind === "item" && (
        <p class="notice notice-problem" role="status">
          {item.warning}
        </p>
      )}
      {item && render({ work, item, singleKeys: prefs.singleKeys })}
      {phase.kind === "feedback" && (
        <Feedback feedback={phase.feedback} answer={answerText(phase.feedback, work)} onDone={() => work.goOn()} />
      )}
      {phase.kind === "break" && (
        <Blank
          title={t("Time to rest your eyes")}
          text={tn(
            "1 answer so far. Take a short break.",
            "{n} answers so far. Take a short break.",
            work.earnings.credited,
          )}
        >
          <MainButton onClick={() => work.goOn()}>{t("Keep going")}</MainButton>
          <button type="button" class="action" onClick={() => work.leave()}>
            {t("Stop here")}
          </button>
        </Blank>
      )}
      {phase.kind === "stopped" && <Stopped work={work} status={phase.standing} />}
      {phase.kind === "finished" && <Finished work={work} why={phase.why} />}
      {(phase.kind === "problem" || phase.kind === "stopped" || phase.kind === "finished") && (
        <AboutStudy consent={work.campaign.consent} />
      )}
      {!isPreview && (phase.kind === "stopped" || phase.kind === "finished") && <YourData />}
      {isHelpOpen && (
        <HelpDialog
          instructions={work.campaign.instructions}
          consent={work.campaign.consent}
          shortcuts={shortcuts}
          prefs={prefs}
          hasData={!isPreview}
          onChange={(next) => {
            setPrefs(next);
            savePrefs(next);
          }}
          onClose={() => setHelpOpen(false)}
        />
      )}
      <p class="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </p>
    </div>
  );
}
