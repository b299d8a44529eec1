// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { bonusText, canEndHere, paysForWork, payText } from "../../../src/work/shell/pay";
import { bonusText as ruleText } from "../../../src/studio/campaigns/settle/words";
import { CAMPAIGN, ENDED, standing } from "./helpers";

const { terms } = CAMPAIGN;

describe("ending early", () => {
  it("is offered where it is paid or leads back to a panel", () => {
    const back = standing("waiting", "", { ended: { ...ENDED, completion_url: "https://panel.example/" } });
    expect([paysForWork(terms), canEndHere(terms, standing())]).toEqual([false, false]);
    expect(canEndHere(terms, back)).toBe(true);
    expect(canEndHere({ ...terms, leads_back: true }, standing())).toBe(true);
    expect(canEndHere({ ...terms, required_answers: 20 }, standing())).toBe(true);
  });

  it.each([
    [{ kind: "amount", value: 1.5 } as const, "€1.50"],
    [{ kind: "share", value: 0.25 } as const, "€1.00"],
    [{ kind: "work", value: 0.5 } as const, "in proportion to your answers, at least €0.50"],
  ])("says what it pays: %o", (partial_pay, amount) => {
    expect(payText({ ...terms, reward: 4, currency: "EUR", partial_pay })).toContain(amount);
  });

  it("is stated with the bonus", () => {
    const bonus = { kind: "agreement", amount: 0.5, above: 0.8, least: 20, every: 1 } as const;
    const words = bonusText({ ...terms, currency: "EUR", bonus });
    expect(words).toContain("€0.50 if 20 or more answers can be compared");
    expect(words).toContain("at least 80%");
    expect(words).toBe(ruleText(bonus, "EUR")); // on the page where operators settle
    expect([bonusText(terms), paysForWork({ ...terms, bonus })]).toEqual(["", true]);
  });
});
