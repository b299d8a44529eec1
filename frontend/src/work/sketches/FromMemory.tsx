import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { MainButton } from "../shell/MainButton";
import { Pictures } from "../shell/session/pictures";
import { t } from "../shell/strings";
import type { Item } from "../shell/session/types";
import { Blank } from "../shell/Welcome";
import type { ItemProps } from "../shell/WorkPage";
import { ProblemText } from "../../shared/controls/ProblemText";
import { useChanges } from "../../shared/useChanges";
import { Drawing } from "./Drawing";
import { Look } from "./Look";
import { Memory } from "./memory";

export interface SketchItem extends Item {
  readonly kind: "sketches";
  /** Its photo's address comes with the exposure. */
  readonly product: { readonly name: string };
}

/** Look at a product, then draw it from memory. */
export function FromMemory(props: ItemProps<SketchItem>): JSX.Element {
  const { work, item } = props;
  const memory = useMemo(() => {
    const pictures = new Pictures();
    return new Memory({
      open: () => work.calls.expose(item.id),
      // Before the drawing, in one line with it.
      close: () => work.outbox.post(`assignments/${item.id}/exposure/end`, {}),
      warm: (url) => pictures.warm([url]),
    });
  }, []);
  useChanges((redraw) => [memory.events.on("change", redraw)], [memory]);
  useEffect(() => () => memory.stop(), []);
  const { step } = memory;
  return (
    <div class="collect" data-assignment={item.id}>
      {step.kind === "ready" && (
        <Blank title={t("collectTitle")} text={t("collectText", { n: work.campaign.exposure_s })}>
          {step.trouble !== null && (
            <div class="notice notice-problem work-sending">
              {step.trouble === "offline" ? <p>{t("awayTitle")}</p> : <ProblemText problem={step.trouble} />}
            </div>
          )}
          <MainButton onClick={() => void memory.look()}>{t("show")}</MainButton>
        </Blank>
      )}
      {step.kind === "opening" && <Blank title={t("loading")} isBusy />}
      {step.kind === "look" && (
        <Look memory={memory} name={item.product.name} url={step.photoUrl} totalMs={step.totalMs} />
      )}
      <p class="visually-hidden" role="status">
        {step.kind === "look" ? t("remember") : step.kind === "draw" ? t("draw") : ""}
      </p>
      {step.kind === "draw" && <Drawing {...props} memory={memory} />}
    </div>
  );
}
