import type { Hit, Product, SearchBody } from "../../src/shared/api/client";

export function product(id: number, more: Partial<Product> = {}): Product {
  return {
    id,
    name: `Chair ${id}`,
    category: { slug: "chairs", name: "Chairs" },
    url: `/p/${id}-chair/`,
    photo_url: `/media/${id}.webp`,
    ...more,
  };
}

export function hit(id: number, more: Partial<Hit> = {}): Hit {
  return { rank: id, score: 0.8, match: "strong", product: product(id), ...more };
}

export function body(...ids: number[]): SearchBody {
  return { results: ids.map((id) => hit(id)) };
}
