import { describe, expect, it } from "vitest";
import { campaignOptions, snapshotOptions } from "../../src/studio/kit/options";

describe("the options of a choice", () => {
  it("tell campaigns of equal titles apart, and leave others as they are", () => {
    const rows = [
      { id: 1, title: "Chairs", slug: "chairs" },
      { id: 2, title: "Sofas", slug: "sofas" },
      { id: 3, title: "Chairs", slug: "chairs-2" },
    ];
    expect(campaignOptions(rows)).toEqual([
      ["1", "Chairs (chairs)"],
      ["2", "Sofas"],
      ["3", "Chairs (chairs-2)"],
    ]);
  });

  it("tell snapshots of equal names apart as the tables do", () => {
    const rows = [
      { id: 1, name: "Chairs, majority", sha256: "a".repeat(64) },
      { id: 2, name: "Chairs, majority", sha256: "b".repeat(64) },
    ];
    expect(snapshotOptions(rows).map(([, name]) => name)).toEqual([
      "Chairs, majority (aaaaaaaaaaaa)",
      "Chairs, majority (bbbbbbbbbbbb)",
    ]);
  });
});
