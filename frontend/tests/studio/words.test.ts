import { describe, expect, it } from "vitest";
import type { WordsName } from "../../src/shared/api/types";
import { namesFor, plain } from "../../src/studio/words/find";

const name = (label: string, ...words: string[]): WordsName => ({ name: label, label, words, n_fitting: 0, best: 0 });
const NAMES = [
  name("bathtub", "Badewanne", "tub"),
  name("door", "Tür"),
  name("television", "Fernseher", "TV"),
  name("hot tub", "Whirlpool"),
];

const labels = (typed: string) => namesFor(typed, NAMES).map(({ label }) => label);

describe("the search for a name", () => {
  it("finds words of both languages, whatever their case", () => {
    expect(labels("badew")).toEqual(["bathtub"]);
    expect(labels("tv")).toEqual(["television"]);
  });

  it("finds umlauts however they are typed", () => {
    for (const typed of ["Tür", "tuer", "tur", "TÜR"]) expect(labels(typed)).toEqual(["door"]);
    expect(plain("Café")).toBe("cafe");
  });

  it("puts words that start with what was typed before words that contain it", () => {
    expect(labels("tub")).toEqual(["bathtub", "hot tub"]);
    expect(labels("hot")).toEqual(["hot tub"]);
  });

  it("finds nothing for nothing", () => {
    expect(labels("")).toEqual([]);
    expect(labels("  ")).toEqual([]);
    expect(labels("xylophone")).toEqual([]);
  });

  it("shows few of many", () => {
    expect(
      namesFor(
        "a",
        Array.from({ length: 50 }, (_, i) => name(`a${i}`)),
      ).length,
    ).toBeLessThan(20);
  });
});
