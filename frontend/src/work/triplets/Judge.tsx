import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Choice } from "../../shared/api/types";
import { Icon } from "../../shared/controls/icons";
import { t } from "../../shared/texts";
import { deviceClass } from "../shell/device";
import type { Triplet } from "../shell/session/types";
import { Stopwatch } from "../shell/stopwatch";
import type { ItemProps } from "../shell/WorkPage";
import { Enlarged } from "./Enlarged";
import { flyOff } from "./flight";
import { type Act, actOf } from "./keys";
import { PhotoButton } from "./PhotoButton";
import { useSwipe } from "./useSwipe";

/** Nobody compares three pictures faster; such an answer is the second half of a double click. */
const LEAST_LOOK_MS = 300;

/** Three pictures: the sketch, and the two photos that are the answers. */
export function Judge({ work, item, singleKeys }: ItemProps<Triplet>): JSX.Element {
  const [isEnlarged, setEnlarged] = useState(false);
  const [chosen, setChosen] = useState<Choice | null>(null);
  const stage = useRef<HTMLDivElement>(null);
  const watch = useMemo(() => new Stopwatch(), []);
  const isOpen = work.phase.kind === "item";
  useLayoutEffect(() => {
    watch.restart();
    setChosen(null);
  }, [item.id]);
  useEffect(() => {
    const onVisible = () => (document.hidden ? watch.pause() : watch.go());
    document.addEventListener("visibilitychange", onVisible);
    return () => document.removeEventListener("visibilitychange", onVisible);
  }, []);

  const answer = (choice: Choice) => {
    if (!isOpen || watch.ms < LEAST_LOOK_MS) return;
    if (choice === "skip" && item.training) return; // skipped practice never qualifies
    if (item.training) setChosen(choice);
    else if (choice === "left" || choice === "right") flyOff(stage.current, choice);
    setEnlarged(false);
    const body = { choice, response_ms: watch.ms, device_class: deviceClass() };
    work.answer(item, "vote", body, choice !== "skip");
  };
  const act = (what: Act) => {
    if (what === "undo") work.undo();
    else if (what === "enlarge") setEnlarged((was) => !was);
    else answer(what);
  };
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inOtherDialog = event.target instanceof Element && event.target.closest("dialog:not(.enlarged)");
      const what = inOtherDialog ? null : actOf(event, singleKeys);
      if (!what) return;
      event.preventDefault();
      latest.current(what);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [singleKeys]);
  const swipe = useSwipe(stage, (side) => latest.current(side));

  const onPhoto = (event: MouseEvent, side: "left" | "right") => {
    if (event.detail <= 1 && !swipe.current?.moved) answer(side);
  };
  return (
    <div class="judge" ref={stage} data-assignment={item.id}>
      <div class="judge-top">
        <div class="plate">
          <img src={item.sketch_url} alt={t("The sketch")} decoding="sync" draggable={false} />
        </div>
      </div>
      <h1 class="judge-question">{t("Which photo matches the sketch better?")}</h1>
      <div class="judge-pair">
        <PhotoButton side="left" photo={item.left} isOpen={isOpen} isChosen={chosen === "left"} onClick={onPhoto} />
        <PhotoButton side="right" photo={item.right} isOpen={isOpen} isChosen={chosen === "right"} onClick={onPhoto} />
      </div>
      <div class="judge-actions" role="group">
        <Quiet
          name="undo"
          label={t("Undo")}
          keyName="U"
          enabled={work.canUndo}
          fresh={work.done}
          onClick={() => act("undo")}
        />
        <Quiet name="unsure" label={t("Can’t tell")} keyName="C" enabled={isOpen} onClick={() => answer("cant_tell")} />
        <Quiet
          name="skip"
          label={t("Skip")}
          keyName="S"
          enabled={isOpen && !item.training}
          onClick={() => answer("skip")}
        />
        <Quiet name="enlarge" label={t("Enlarge")} keyName="Z" enabled onClick={() => act("enlarge")} />
      </div>
      {isEnlarged && <Enlarged item={item} onAnswer={answer} onClose={() => setEnlarged(false)} />}
    </div>
  );
}

interface QuietProps {
  readonly name: "undo" | "unsure" | "skip" | "enlarge";
  readonly label: string;
  readonly keyName: string;
  readonly enabled: boolean;
  /** Each new number highlights the button for a moment. */
  readonly fresh?: number;
  readonly onClick: () => void;
}

function Quiet({ name, label, keyName, enabled, fresh, onClick }: QuietProps): JSX.Element {
  const kind = enabled && fresh !== undefined ? `quiet-action fresh-${fresh % 2}` : "quiet-action";
  return (
    <button type="button" class={kind} aria-disabled={!enabled} onClick={() => enabled && onClick()}>
      <Icon name={name} />
      <span>{label}</span>
      <kbd aria-hidden="true">{keyName}</kbd>
    </button>
  );
}
