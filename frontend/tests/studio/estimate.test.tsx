// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import type { Campaign } from "../../src/shared/api/types";
import { EstimateView } from "../../src/studio/campaigns/tasks/EstimateView";
import { FIRST } from "../../src/studio/campaigns/tasks/taskPlan";

afterEach(() => vi.unstubAllGlobals());

const ESTIMATE = { n_existing: 12, n_adaptive: 0, votes: 36, votes_min: 24, votes_max: 36, split_tasks: 0 };
const CAMPAIGN = { id: 7, kind: "triplets", settings: {} } as Campaign;

async function opened(nTasks: number) {
  const bodies: Record<string, unknown>[] = [];
  vi.stubGlobal("fetch", (url: string, { body }: RequestInit) => {
    if (!url.includes("/estimate/")) return Promise.resolve(new Response(JSON.stringify({ results: [] })));
    bodies.push(JSON.parse(String(body)) as Record<string, unknown>);
    const n_planned = "candidates" in bodies.at(-1)! ? 630 : 0;
    const estimate = { ...ESTIMATE, n_planned, n_planned_max: n_planned };
    const figures = { split_share: 0, gold_answers: 0, practice_answers: 0, people: 1, people_max: 1, hours: 1 };
    const rest = {
      pay: null,
      pay_max: null,
      pay_per_hour: null,
      bonus: null,
      power: 0,
      detectable: null,
      pace_votes: 0,
    };
    return Promise.resolve(new Response(JSON.stringify({ ...estimate, ...figures, ...rest, seconds_per_answer: 5 })));
  });
  document.documentElement.lang = "en";
  document.body.innerHTML = `<div id="here"></div>`;
  const here = document.getElementById("here") as HTMLElement;
  const pause = () => act(() => new Promise((resolve) => setTimeout(resolve)));
  await act(() => render(<EstimateView campaign={CAMPAIGN} taskPlan={FIRST} nTasks={nTasks} />, here));
  const details = here.querySelector("details") as HTMLDetailsElement;
  details.open = true;
  await act(() => void details.dispatchEvent(new Event("toggle")));
  await vi.waitFor(() => expect(bodies).toHaveLength(1));
  await pause();
  const tasks = () => here.querySelector("dd")?.textContent;
  const choose = async (value: string) => {
    const select = here.querySelector("select") as HTMLSelectElement;
    select.value = value;
    await act(() => void select.dispatchEvent(new Event("change", { bubbles: true })));
    await pause();
  };
  return { here, bodies, tasks, choose };
}

it("a campaign with tasks costs what these cost, and with the selection if that is chosen", async () => {
  const { bodies, tasks, choose } = await opened(12);
  expect(bodies.at(-1)).toMatchObject({ n_tasks: 0 });
  expect(bodies.at(-1)).not.toHaveProperty("candidates");
  expect(tasks()).toBe("12");
  await choose("more");
  expect(bodies.at(-1)).toHaveProperty("candidates");
  expect(tasks()).toBe("12 now, 630 more");
});

it("a campaign without tasks costs what the selection costs", async () => {
  const { here, bodies, tasks } = await opened(0);
  expect(bodies.at(-1)).toHaveProperty("candidates");
  expect(tasks()).toBe("12 now, 630 more");
  expect(here.textContent).not.toContain("Cost of");
});
