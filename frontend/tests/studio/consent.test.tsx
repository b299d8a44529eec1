// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { Consent } from "../../src/studio/campaigns/Consent";

afterEach(() => vi.unstubAllGlobals());

it("the editor shows unsaved texts as participants will see them", async () => {
  const version = { number: 1, text: "One.\n\nTwo.", contact: "me@example.org", privacy: "", translations: {} };
  vi.stubGlobal("fetch", () =>
    Promise.resolve(
      new Response(JSON.stringify([{ ...version, created_at: "2026-01-01T00:00:00Z", n_enrolments: 0 }])),
    ),
  );
  document.documentElement.lang = "en";
  document.body.innerHTML = `<div id="here"></div>`;
  const here = document.getElementById("here") as HTMLElement;
  await act(() => render(<Consent id={7} />, here));
  await act(() => new Promise((resolve) => setTimeout(resolve)));
  expect(here.textContent).toContain("Plain text");
  const texts = () => [...here.querySelectorAll(".consent-preview p")].map(({ textContent }) => textContent);
  expect(texts()).toEqual(["One.", "Two.", "me@example.org"]);
  const text = here.querySelector("textarea") as HTMLTextAreaElement;
  text.value = "**Three**";
  await act(() => void text.dispatchEvent(new Event("input", { bubbles: true })));
  expect(texts()).toEqual(["**Three**", "me@example.org"]);
  expect(here.querySelectorAll(".consent-preview")).toHaveLength(1); // the German version is empty
});
