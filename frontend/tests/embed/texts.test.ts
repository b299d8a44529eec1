// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { Texts } from "../../src/embed/texts";

describe("the language", () => {
  it("is that of the nearest element that names one", () => {
    document.body.innerHTML = `<div lang="de-AT"><p id="a"></p><p id="b" lang="en"></p></div><p id="c"></p>`;
    const languages = ["a", "b", "c"].map((id) => Texts.of(document.getElementById(id) as Element).language);
    expect(languages).toEqual(["de", "en", "en"]);
  });
});

describe("a text", () => {
  const german = new Texts("de");

  it("is translated, with values", () => {
    expect(german.t("The next search starts in {n} s.", { n: 3 })).toBe("Die nächste Suche startet in 3 s.");
  });

  it("is counted by the language's rules", () => {
    expect(german.tn("1 product", "{n} closest products", 1)).toBe("1 Produkt");
    expect(german.tn("1 product", "{n} closest products", 5)).toBe("Die 5 ähnlichsten Produkte");
    expect(new Texts("en").tn("1 product", "{n} closest products", 5)).toBe("5 closest products");
  });
});
