// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import { HelpDialog } from "../../../src/work/shell/HelpDialog";

const consent = { text: "What it is about.", contact: "Ask me@example.org", privacy: "Kept a year.", version: 2 };

function opened(about: typeof consent | null): HTMLElement {
  document.documentElement.lang = "en";
  document.body.innerHTML = `<div id="here"></div>`;
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  const here = document.getElementById("here") as HTMLElement;
  const prefs = { singleKeys: true } as never;
  const nothing = () => undefined;
  void act(() =>
    render(
      <HelpDialog
        instructions=""
        consent={about}
        shortcuts={[]}
        prefs={prefs}
        hasData={false}
        onChange={nothing}
        onClose={nothing}
      />,
      here,
    ),
  );
  return here;
}

it("workers find contact and privacy in the menu of the work page", () => {
  const about = opened(consent).querySelector(".about-study");
  expect(about?.textContent).toContain("Ask me@example.org");
  expect(about?.textContent).toContain("Kept a year.");
});

it("a campaign without a text of its own shows none", () => {
  expect(opened(null).querySelector(".about-study")).toBeNull();
});
