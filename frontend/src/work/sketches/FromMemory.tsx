import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { ProblemText } from "../../shared/controls/ProblemText";
import { t } from "../../shared/texts";
import { useChanges } from "../../shared/useChanges";
import { MainButton } from "../shell/MainButton";
import { Pictures } from "../shell/session/pictures";
import { Blank } from "../shell/Welcome";
import type { ItemProps } from "../shell/WorkPage";
import { loadDrawing, saveDrawing } from "./draft";
import { Drawing } from "./Drawing";
import type { SketchItem } from "./item";
import { Look } from "./Look";
import { Memory } from "./memory";

/** Look at a product, then draw it from memory. */
export function FromMemory(props: ItemProps<SketchItem>): JSX.Element {
  const { work, item } = props;
  const memory = useMemo(() => {
    const pictures = new Pictures();
    return new Memory({
      isSeen: loadDrawing(work.sheets, item.id) !== null,
      open: () => work.calls.expose(item.id),
      // Before the drawing, in one line with it.
      close: (shown) => {
        saveDrawing(work.sheets, item.id, loadDrawing(work.sheets, item.id) ?? []);
        work.outbox.post(`assignments/${item.id}/exposure/end`, { shown });
      },
      warm: (url) => pictures.warm([url]),
    });
  }, []);
  useChanges((redraw) => [memory.events.on("change", redraw)], [memory]);
  useEffect(() => () => memory.stop(), []);
  const { step } = memory;
  return (
    <div class="collect" data-assignment={item.id}>
      {step.kind === "ready" && (
        <Blank
          title={t("Look, then draw")}
          text={t(
            "You will see a product for {n} seconds. Then the photo disappears, and you draw what you remember.",
            {
              n: work.campaign.exposure_s,
            },
          )}
        >
          {step.trouble !== null && (
            <div class="notice notice-problem work-sending">
              {step.trouble === "offline" ? <p>{t("No connection")}</p> : <ProblemText problem={step.trouble} />}
            </div>
          )}
          <MainButton onClick={() => void memory.look()}>{t("Show photo")}</MainButton>
        </Blank>
      )}
      {step.kind === "opening" && <Blank title={t("Loading tasks…")} isBusy />}
      {step.kind === "look" && (
        <Look memory={memory} name={item.product.name} url={step.photoUrl} totalMs={step.totalMs} />
      )}
      <p class="visually-hidden" role="status">
        {step.kind === "look" ? t("Remember its shape") : step.kind === "draw" ? t("Now draw it from memory") : ""}
      </p>
      {step.kind === "draw" && <Drawing {...props} memory={memory} />}
    </div>
  );
}
