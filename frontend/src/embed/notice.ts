import type { Trouble } from "../search/live/trouble";
import { h } from "./dom";
import type { Texts } from "./texts";

const UNAVAILABLE = 503;

/** Why there are no current results, and what will happen. */
export function notice(texts: Texts, trouble: Trouble, isRefused: boolean, onAgain: () => void): HTMLElement {
  const [title, more] = reasonOf(texts, trouble, isRefused);
  const waits = trouble.kind === "limited" || isRefused;
  return h(
    "div",
    { class: "notice", part: "notice", role: isRefused || trouble.kind === "problem" ? "alert" : "status" },
    h("p", {}, h("strong", {}, title), ` ${more}`),
    ...(waits ? [] : [h("button", { type: "button", class: "chip", click: onAgain }, texts.t("Try again"))]),
  );
}

function reasonOf(texts: Texts, trouble: Trouble, isRefused: boolean): readonly [title: string, more: string] {
  if (trouble.kind === "offline") {
    return [texts.t("No connection."), texts.t("Keep drawing: the search resumes when the connection is back.")];
  }
  if (trouble.kind === "silent") {
    return [texts.t("The server does not answer."), texts.t("Keep drawing: the search tries again by itself.")];
  }
  if (trouble.kind === "limited") {
    const n = Math.ceil(trouble.seconds);
    return [texts.t("Too many searches."), texts.t("The next search starts in {n} s.", { n })];
  }
  const { problem } = trouble;
  if (isRefused && problem.field === "origin") {
    return [
      texts.t("The search is not available on this page."),
      texts.t("Its key does not allow pages of {origin}.", { origin: location.origin }),
    ];
  }
  if (isRefused) {
    return [texts.t("The search is not available."), texts.t("Its key is unknown or has been revoked.")];
  }
  if (problem.status === UNAVAILABLE) return [texts.t("The search is not ready yet."), texts.t("It starts by itself.")];
  return [texts.t("The search failed."), problem.detail ?? problem.title];
}
