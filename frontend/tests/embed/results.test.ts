// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { Results } from "../../src/embed/results";
import type { EmbeddedSearch } from "../../src/embed/search";
import { Server } from "../../src/embed/server";
import { Texts } from "../../src/embed/texts";
import { body, hit, product } from "../search/helpers";

function results(answer: object, server = new Server("https://search.example", "pk_1", "en")): Results {
  const search = { answer, aside: null, greeting: null, trouble: null, isRefused: false } as unknown as EmbeddedSearch;
  return new Results(
    new Texts("en"),
    server,
    search,
    "",
    () => true,
    () => undefined,
  );
}

describe("the list of products", () => {
  it("shows every product though one has a link that cannot be opened", () => {
    const list = results({ results: [hit(1, { product: product(1, { link: "https://1.2.3.4.5/" }) }), hit(2)] });
    list.update(false);
    const links = [...list.element.querySelectorAll("a")].map((a) => a.href);
    expect(links).toEqual(["https://search.example/p/1-chair/", "https://search.example/p/2-chair/"]);
  });

  it("is drawn at the next update if it could not be drawn at this one", () => {
    const server = new Server("not an address", "pk_1", "en");
    const list = results(body(1), server);
    expect(() => list.update(false)).toThrow();
    Object.assign(server, { base: "https://search.example" });
    list.update(false);
    expect(list.element.children).toHaveLength(1);
  });

  it("shows what a product costs, and that it cannot be had at once", () => {
    const price = { amount: "49.90", currency: "EUR", text: "€49.90" };
    const sold = product(1, { price, brand: "Acme", availability: "in_stock" });
    const gone = product(2, { price, brand: "Acme", availability: "out_of_stock" });
    const list = results({ results: [hit(1, { product: sold }), hit(2, { product: gone }), hit(3)] });
    list.update(false);
    const offers = [...list.element.children].map((card) => card.querySelector(".offer")?.textContent ?? null);
    expect(offers).toEqual(["€49.90 Acme", "€49.90 Out of stock", null]);
  });

  it("says how many near-identical products are not listed", () => {
    const list = results({ results: [hit(1, { folded: 3 }), hit(2, { folded: 0 })] });
    list.update(false);
    const buttons = [...list.element.querySelectorAll("button")].map((button) => button.textContent);
    expect(buttons).toEqual(["+3 similar"]);
  });
});
