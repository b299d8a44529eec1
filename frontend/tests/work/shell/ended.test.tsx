// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import type { Ended } from "../../../src/shared/api/types";
import { EndedCode } from "../../../src/work/shell/EndedCode";
import { ENDED } from "./helpers";

it.each([
  ["finished", "Completion code", "CODE-1Copy"],
  ["screened_out", "Back to the panel", "CodeCODE-1Copy"],
  ["ended_early", "You ended the study early", "CodeCODE-1Copy"],
] as const)("the code of an ending is labelled: %s", async (ending, title, row) => {
  document.documentElement.lang = "en";
  document.body.innerHTML = `<div id="here"></div>`;
  const here = document.getElementById("here") as HTMLElement;
  const ended: Ended = { ...ENDED, ending, completion_code: "CODE-1" };
  await act(() => render(<EndedCode ended={ended} />, here));
  expect([here.querySelector("h2")?.textContent, here.querySelector(".code-row")?.textContent]).toEqual([title, row]);
});
