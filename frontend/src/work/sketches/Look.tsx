import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../shared/texts";
import type { Memory } from "./memory";

interface Props {
  readonly memory: Memory;
  readonly name: string;
  readonly url: string;
  readonly totalMs: number;
}

/** The photo and how long it stays. */
export function Look({ memory, name, url, totalMs }: Props): JSX.Element {
  const [seconds, setSeconds] = useState(memory.secondsLeft);
  const rest = useRef<HTMLSpanElement>(null);
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    let frame = 0;
    // The first callback runs before the photo's first frame is painted, the second after; neither runs in a hidden tab.
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        memory.onScreen();
        setOn(true);
      });
    });
    const onVisibility = () => memory.onVisibility(document.hidden);
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener("visibilitychange", onVisibility);
    };
  }, []);
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => setSeconds(memory.secondsLeft), 200);
    // The bar is animated by the compositor, without frames of ours.
    rest.current?.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], {
      duration: totalMs,
      fill: "forwards",
      ...(matchMedia("(prefers-reduced-motion: reduce)").matches
        ? { easing: `steps(${Math.round(totalMs / 1000)})` }
        : {}),
    });
    return () => clearInterval(timer);
  }, [isOn]);
  return (
    <>
      <h1 class="judge-question">{t("Remember its shape")}</h1>
      <div class="look">
        <div class="plate">
          <img
            src={url}
            alt={name || t("The photo")}
            decoding="sync"
            draggable={false}
            onContextMenu={(event) => event.preventDefault()}
          />
        </div>
      </div>
      <p class="look-time" role="timer">
        <span class="look-bar" aria-hidden="true">
          <span ref={rest} />
        </span>
        <span class="look-seconds">{t("{n} s left", { n: seconds })}</span>
      </p>
    </>
  );
}
