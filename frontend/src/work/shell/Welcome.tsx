import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import type { WorkCampaign } from "../../shared/api/types";
import { Paragraphs, StudyInfo } from "../../shared/controls/StudyInfo";
import { t, tn } from "../../shared/texts";
import { AboutStudy } from "./AboutStudy";
import { bonusText, money, paysForWork, payText } from "./pay";
import { isPanelPreview, panelOf } from "./session/panel";
import type { Item } from "./session/types";
import type { Work } from "./session/work";

interface WelcomeProps<A extends Item> {
  readonly work: Work<A>;
  readonly panelUrl: string;
  readonly refused: string;
}

/** A description of the work, and the consent, without which nothing is stored; or why the link does not admit to it. */
export function Welcome<A extends Item>({ work, panelUrl, refused }: WelcomeProps<A>): JSX.Element {
  const [consents, setConsents] = useState(false);
  const { title, instructions, consent } = work.campaign;
  const onlyLooks = isPanelPreview(location.search);
  if (refused && !onlyLooks) {
    return (
      <>
        <Blank title={title} text={refused}>
          {panelUrl && (
            <a class="action action-main" href={panelUrl}>
              {t("Return to the panel")}
            </a>
          )}
          <a class="action" href="/annotate/">
            {t("Other campaigns")}
          </a>
        </Blank>
        <AboutStudy consent={consent} />
      </>
    );
  }
  return (
    <form
      class="welcome"
      onSubmit={(event) => {
        event.preventDefault();
        void work.join(panelOf(location.search));
      }}
    >
      <h1>{title}</h1>
      <Paragraphs text={instructions} />
      {paysForWork(work.campaign.terms) && <Terms terms={work.campaign.terms} />}
      {consent && <StudyInfo texts={consent} />}
      {onlyLooks ? (
        <p class="notice">{t("This is a preview of the task. Accept it on the panel’s site to start.")}</p>
      ) : (
        <>
          <label class="switch consent">
            <input
              type="checkbox"
              required
              checked={consents}
              onChange={(event) => setConsents(event.currentTarget.checked)}
            />
            <span>
              {consent
                ? t("I have read the information above, and I agree to take part.")
                : t(
                    "I take part voluntarily. My answers may be used for research and to train models. They are stored without my name, and I can stop at any time.",
                  )}
            </span>
          </label>
          <button class="action action-main welcome-begin">{t("Start")}</button>
        </>
      )}
    </form>
  );
}

/** What the code and ending early take, before anyone consents. */
function Terms({ terms }: { terms: WorkCampaign["terms"] }): JSX.Element {
  const { required_answers: required, reward, currency } = terms;
  return (
    <ul class="quiet">
      {required > 0 && (
        <li>{tn("The completion code takes 1 answer.", "The completion code takes {n} answers.", required)}</li>
      )}
      {reward !== null && <li>{t("Pay for finishing: {amount}", { amount: money(reward, currency) })}</li>}
      <li>{payText(terms)}</li>
      {terms.bonus && <li>{bonusText(terms)}</li>}
    </ul>
  );
}

interface BlankProps {
  readonly title: string;
  readonly text?: string;
  readonly isBusy?: boolean;
  readonly children?: ComponentChildren;
}

/** A page with a short centred text. */
export function Blank({ title, text, isBusy = false, children }: BlankProps): JSX.Element {
  return (
    <div class="blank work-blank" role="status" aria-busy={isBusy}>
      {isBusy && (
        <svg class="scribble" viewBox="0 0 120 40" aria-hidden="true">
          <path d="M6 30c14-34 24-26 22-8s14 14 20-4 16-14 14 2 12 16 20 0 14-10 12 2 8 8 18 0" pathLength="1" />
        </svg>
      )}
      <h1>{title}</h1>
      {text && <p>{text}</p>}
      {children && <div class="blank-actions">{children}</div>}
    </div>
  );
}
