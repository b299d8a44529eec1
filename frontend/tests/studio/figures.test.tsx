// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import type { Progress } from "../../src/shared/api/types";
import { ProgressFeed } from "../../src/studio/campaigns/feed";
import { Live } from "../../src/studio/campaigns/Live";

it("counted answers are a share of those given, no goal", async () => {
  document.documentElement.lang = "en";
  document.body.innerHTML = `<div id="here"></div>`;
  const here = document.getElementById("here") as HTMLElement;
  const feed = new ProgressFeed({ url: "", ask: () => Promise.reject(new Error("not asked")) });
  const unknown = { votes_per_minute: 0, cost_per_decided: null, agreement: null, spending_cap: null };
  const tasks = { n_tasks: 12, n_decided: 0, n_exhausted: 0, n_sketches: 0, n_settled: 0 };
  const progress: Partial<Progress> = { ...unknown, ...tasks, n_counted: 21, n_votes: 30, history: [], n_workers: 0 };
  feed.progress = { ...progress, active_workers: 0 } as Progress;
  await act(() => render(<Live id={7} feed={feed} />, here));
  const rows = [...here.querySelectorAll(".live-figures > div")].map(({ textContent }) => textContent);
  expect(rows).toContain("Answers21 of 30 count");
});
