// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { ConnectionLost } from "../../../src/shared/api/client";
import { WorkPage } from "../../../src/work/shell/WorkPage";
import { CAMPAIGN, desk, receipt, settle, standing, triplet } from "./helpers";

const terms = { ...CAMPAIGN.terms, required_answers: 2 };
const feedback = { right: true, answer: "left" as const, explanation: "" };
const notYet = standing("", "", { n_credited: 1 });
const earned = standing("", "finished", { n_credited: 2 });

async function opened(
  items = [1, 2, 3, 4, 5].map((id) => triplet(id)),
  campaign: Partial<typeof CAMPAIGN> = { terms },
) {
  document.documentElement.lang = "en";
  document.body.innerHTML = `<div id="here"></div>`;
  const here = document.getElementById("here") as HTMLElement;
  const { work, calls } = desk(items, campaign);
  calls.me.mockImplementation(async () => earned);
  const page = (
    <WorkPage
      work={work}
      isPreview={false}
      panelUrl=""
      refused=""
      shortcuts={[]}
      render={() => null}
      answerText={() => ""}
    />
  );
  await act(async () => {
    render(page, here);
    await settle();
  });
  const answer = (choice = "left") =>
    act(async () => {
      work.answer(work.item!, "vote", { choice }, choice !== "skip");
      await settle();
    });
  const press = (words: string) =>
    act(async () => {
      [...here.querySelectorAll("button")].find(({ textContent }) => textContent === words)?.click();
      await settle();
    });
  const count = () => here.querySelector(".work-count")?.textContent;
  const notice = () => here.querySelector(".work-due")?.textContent ?? "";
  return { here, work, calls, answer, press, count, notice };
}

describe("the header", () => {
  it("counts towards the required answers, without practice and what was skipped", async () => {
    const { work, calls, answer, count } = await opened([triplet(1, { training: {} }), triplet(2), triplet(3)]);
    calls.send.mockImplementationOnce(async () => receipt({ feedback }));
    await answer();
    await act(() => work.goOn());
    expect(count()).toBe("0 of 2");
    await answer("skip");
    expect(count()).toBe("0 of 2");
    calls.me.mockImplementation(async () => notYet);
    work.undo();
    await answer();
    expect([count(), work.done]).toEqual(["1 of 2", 2]);
  });

  it("continues from what the server has credited", async () => {
    const { count } = await opened([triplet(1, { credited: 1 })]);
    expect(count()).toBe("1 of 2");
  });

  it("leaves out practice where no number is required", async () => {
    const { answer, count } = await opened([triplet(1, { training: {} }), triplet(2)], {});
    await answer();
    expect(count()).toBe("0 done");
  });
});

it("the last page counts what is credited, as the line below it does", async () => {
  const { here, calls, answer, work } = await opened([triplet(1, { training: {} }), triplet(2), triplet(3)]);
  calls.me.mockImplementation(async () => notYet);
  await answer();
  await answer();
  await act(async () => {
    work.leave();
    await settle();
  });
  expect(here.textContent).toContain("1 answer so far.");
  expect(here.textContent).toContain("1 of 2 answers required");
});

describe("the notice that the code is earned", () => {
  it("comes with the last required answer, and leads to the code", async () => {
    const { here, calls, answer, press, notice, work } = await opened();
    await answer();
    expect([notice(), calls.me.mock.calls.length]).toEqual(["", 0]);
    await answer();
    expect(notice()).toContain("You have earned the completion code.");
    expect(work.phase.kind).toBe("item");
    await press("Finish and get the code");
    expect(here.querySelector(".code-value")?.textContent).toBe("CODE-1");
  });

  it("can be dismissed to go on", async () => {
    const { answer, press, notice, count, work } = await opened();
    await answer();
    await answer();
    await press("Go on");
    expect([notice(), work.item?.id]).toEqual(["", 3]);
    await answer();
    expect([notice(), count()]).toEqual(["", "3 done"]);
  });

  it("waits for the server, which does not credit an answer that came too late", async () => {
    const { calls, answer, notice, count } = await opened();
    calls.me.mockImplementation(async () => notYet);
    await answer();
    await answer();
    expect([notice(), count()]).toEqual(["", "1 of 2"]);
    calls.me.mockImplementation(() => Promise.reject(new ConnectionLost("away")));
    await answer();
    expect(notice()).toBe("");
    calls.me.mockImplementation(async () => earned);
    await answer();
    expect(notice()).toContain("You have earned");
  });

  it("goes when an answer is undone, and is there after a reload", async () => {
    const { work, answer, notice } = await opened();
    await answer();
    await answer();
    await act(() => work.undo());
    expect(notice()).toBe("");
    const again = await opened([triplet(9, { credited: 2 })]);
    expect(again.notice()).toContain("You have earned");
  });
});
