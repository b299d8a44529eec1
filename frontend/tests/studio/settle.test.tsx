// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Participant, Settle } from "../../src/shared/api/types";
import { changesOf } from "../../src/studio/campaigns/audit/changes";
import { NO_PAY, payDraftOf, payRules } from "../../src/studio/campaigns/payment/rules";
import { SettlePage } from "../../src/studio/campaigns/settle/SettlePage";
import { bonusText, termsText } from "../../src/studio/campaigns/settle/words";
import { findingText } from "../../src/studio/campaigns/settle/evidence";

const participant = (id: number, change: Partial<Participant> = {}): Participant => ({
  enrolment_id: id,
  worker: `W${id}`,
  panel: "PROLIFIC",
  panel_id: `p${id}`,
  erased: false,
  state: "finished",
  ending: "finished",
  ended_at: null,
  completion_code: "DONE",
  panel_status: "",
  panel_code: "",
  minutes: 12.5,
  minutes_between: 20,
  n_answers: 40,
  n_credited: 40,
  gold_right: 3,
  gold_total: 4,
  agreement: { share: 0.8, low: 0.65, high: 0.9, n: 35 },
  findings: [],
  block_reason: "",
  pays: { approve: "4.00", bonus: "1.50", reject: "0.00" },
  bonus: "0.50",
  suggested: "approve",
  decision: null,
  ...change,
});

const settle: Settle = {
  title: "Chairs",
  currency: "EUR",
  reward: 4,
  required_answers: 40,
  partial_pay: { kind: "work", value: 0.5 },
  bonus_rule: { kind: "gold", every: 3, amount: 0.5 },
  spending_cap: 20,
  spent: 8,
  promised: 4.5,
  rows: [
    participant(1),
    participant(2, { panel_code: "GUESS" }),
    participant(3, { state: "ended_early", suggested: "bonus" }),
    participant(4, {
      state: "failed_checks",
      suggested: "",
      findings: [{ rule: "gold", level: "block", value: 0.25, limit: 0.5 }],
    }),
    participant(5, { panel: "", panel_id: "", suggested: "", agreement: null }),
  ],
  totals: {
    n_participants: 5,
    n_undecided: 5,
    states: {},
    n_approved: 0,
    n_bonus_only: 0,
    n_rejected: 0,
    pay: "0.00",
    bonus: "0.00",
    amount: "0.00",
    per_hour: null,
  },
};

let sent: [path: string, body: unknown][];
let refusal: object | null;

beforeEach(() => {
  sent = [];
  refusal = null;
  document.documentElement.lang = "en";
  vi.stubGlobal("fetch", (url: string, { method = "GET", body }: RequestInit) => {
    if (method !== "GET") sent.push([url.replace("/api/v1/", ""), JSON.parse(String(body))]);
    if (method !== "GET" && refusal) return Promise.resolve(new Response(JSON.stringify(refusal), { status: 400 }));
    return Promise.resolve(new Response(JSON.stringify(settle)));
  });
  HTMLDialogElement.prototype.showModal ??= () => undefined;
  document.body.innerHTML = `<div id="here"></div>`;
});

afterEach(() => vi.unstubAllGlobals());

const here = () => document.getElementById("here") as HTMLElement;
const buttons = (label: string) =>
  [...here().querySelectorAll("button")].filter(({ textContent }) => textContent?.trim() === label);
const settled = () => act(() => new Promise((resolve) => setTimeout(resolve)));

async function open(): Promise<void> {
  await act(() => render(<SettlePage id={7} />, here()));
  await settled();
}

async function press(label: string): Promise<void> {
  await act(() => buttons(label).at(-1)?.click());
  await settled();
}

describe("the page to settle a panel", () => {
  it("selects who finished and approves them with the bonus of the rule", async () => {
    await open();
    expect(buttons("Approve")[0].disabled).toBe(true);
    await press("Select who finished (2)");
    await press("Approve");
    expect(here().textContent).toContain("2 participants: p1, p2");
    expect(here().textContent).toContain("Pay €8.00, bonuses €1.00.");
    await press("Approve");
    expect(sent).toEqual([
      ["campaigns/7/settle/", { enrolments: [1, 2], verdict: "approve", bonus: null, reason: "" }],
    ]);
  });

  it("shows evidence: reasons, a code that differs, the interval; and selects nobody without an ID", async () => {
    await open();
    const rows = [...here().querySelectorAll("tbody tr")].map(({ textContent }) => textContent);
    expect(rows[1]).toContain("entered: GUESS");
    expect(rows[0]).toContain("80% (65% to 90%)");
    expect(rows[3]).toContain("gold tasks correct: at most 25%, required 50%");
    const boxes = here().querySelectorAll<HTMLInputElement>("tbody input");
    expect([...boxes].map(({ disabled }) => disabled)).toEqual([false, false, false, false, true]);
  });

  it("asks before anyone is paid who has answered nothing, and names them", async () => {
    const rows = [participant(1), participant(2, { n_answers: 0 }), participant(3, { n_answers: 0 })];
    vi.stubGlobal("fetch", (url: string, { method = "GET", body }: RequestInit) => {
      if (method !== "GET") sent.push([url.replace("/api/v1/", ""), JSON.parse(String(body))]);
      return Promise.resolve(new Response(JSON.stringify({ ...settle, rows })));
    });
    await open();
    await press("Select who finished (3)");
    await press("Approve");
    expect(here().querySelector("dialog .settle-idle")?.textContent).toContain(
      "2 of them have not answered a single task: p2, p3",
    );
    await press("Approve");
    expect(sent).toEqual([]);
    await act(() => here().querySelector<HTMLInputElement>("dialog input[type=checkbox]")?.click());
    await press("Approve");
    expect(sent).toHaveLength(1);
  });

  it("does not ask when nobody is paid", async () => {
    await open();
    await press("Select who finished (2)");
    await press("Reject");
    expect(here().querySelector(".settle-idle")).toBeNull();
  });

  it("keeps the dialog and says what was wrong if a decision is refused", async () => {
    await open();
    refusal = { title: "Bad Request", status: 400, detail: "bonus: too large", errors: [] };
    await press("Select who ended early (1)");
    await press("Pay by bonus only");
    await press("Pay by bonus only");
    expect(here().querySelector("dialog [role=alert]")?.textContent).toContain("bonus: too large");
  });

  it("asks to confirm the total of a decision beyond the spending cap", async () => {
    await open();
    expect(here().textContent).toContain("Spent €8.00 of at most €20.00; €4.50 more is promised");
    const message = "Spent and promised would be 21.00 EUR, above the spending cap of 20.00 EUR.";
    refusal = { title: "Bad Request", status: 400, detail: `confirmed_total: ${message}`, field: "confirmed_total" };
    refusal = { ...refusal, errors: [{ field: "confirmed_total", message }] };
    await press("Select who finished (2)");
    await press("Approve");
    await press("Approve");
    expect(here().querySelector("dialog [role=alert]")?.textContent).toContain(message);
    expect(here().querySelector("dialog form")?.textContent).toContain("Total to confirm");
    const input = here().querySelector("dialog input[type=number]") as HTMLInputElement;
    await act(() => {
      input.value = "21";
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    refusal = null;
    const form = here().querySelector("dialog form"); // its button is stopped by rounding in happy-dom's check of `step`
    await act(() => void form?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
    await settled();
    expect(sent.at(-1)?.[1]).toMatchObject({ verdict: "approve", confirmed_total: "21.00" });
  });

  it("offers the lists of the panels that take part only", async () => {
    await open();
    const links = [...here().querySelectorAll("a[download]")].map((link) => link.getAttribute("href"));
    expect(links).toEqual([
      "/api/v1/campaigns/7/settle/export?panel=PROLIFIC&list=approve",
      "/api/v1/campaigns/7/settle/export?panel=PROLIFIC&list=reject",
      "/api/v1/campaigns/7/settle/export?panel=PROLIFIC&list=bonus",
      "/api/v1/campaigns/7/settle/export",
    ]);
  });
});

describe("the rules of pay", () => {
  it("are stated in words", () => {
    expect(termsText(settle)).toEqual([
      "Finishing pays €4.00.",
      "Ending early pays in proportion to the answers given, at least €0.50.",
      "Bonus: €0.50 for every 3 gold tasks answered correctly.",
    ]);
    expect(bonusText({ kind: "agreement", amount: 1, above: 0.8, least: 20 }, "EUR")).toBe(
      "Bonus: €1.00 if 20 or more answers can be compared with a majority of the others and at least 80% of these agree with it.",
    );
  });

  it("come back from the settings as they were set", () => {
    const work = { ...NO_PAY, partialPay: "work", partialValue: 0.5, bonus: "gold", bonusAmount: 1 } as const;
    expect(payDraftOf(payRules(work))).toEqual(work);
    expect(payRules(NO_PAY)).toEqual({});
  });
});

describe("words", () => {
  it("name a broken rule with its limit", () => {
    expect(findingText({ rule: "speed", level: "warn", value: 420, limit: 500 })).toBe(
      "median time 0.4 s, at least 0.5 s expected",
    );
  });

  it("show what an event changed, and other facts", () => {
    expect(changesOf({ before: { pay: "1.00", reason: "" }, after: { pay: "2.00", reason: "late" }, made: 3 })).toEqual(
      [
        { name: "Pay", before: "1.00", after: "2.00" },
        { name: "Reason", before: "none", after: "late" },
        { name: "Added", before: null, after: "3" },
      ],
    );
  });

  it("name settings, words and versions of an event", () => {
    expect(
      changesOf({
        before: { required_answers: 5, "settings.partial_pay": null, access: "open" },
        after: { required_answers: 0, "settings.partial_pay": { kind: "share", value: 0.5 }, access: "panel" },
        warnings: ["no_gold", "few_tasks"],
      }).map(({ name, before, after }) => `${name}: ${before} → ${after}`),
    ).toEqual([
      "Answers required for the code: 5 → 0",
      "Pay for ending early: none → Kind A share of the pay for finishing; Value 0.5",
      "Who may join: Anyone → Participants of a panel, by its link",
      "Warnings: null → no gold task, too few tasks for the code",
    ]);
    expect(changesOf({ before: 1, after: 2, warnings: [] })).toEqual([{ name: "Version", before: "1", after: "2" }]);
    expect(changesOf({ before: { verdict: null }, after: { verdict: "bonus" } })[0]?.after).toBe("paid by bonus only");
  });
});
