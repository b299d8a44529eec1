import type { Hit, Product, SearchBody } from "../../src/shared/api/types";

export function product(id: number, more: Partial<Product> = {}): Product {
  return {
    id,
    sku: `chair-${id}`,
    name: `Chair ${id}`,
    category: { slug: "chairs", name: "Chairs" },
    url: `/p/${id}-chair/`,
    photo_url: `/media/${id}.webp`,
    thumb_url: `/media/${id}-thumb.webp`,
    edges_url: `/media/${id}-edges.webp`,
    photo_box: [0, 0, 1, 1],
    link: "",
    price: null,
    availability: "",
    brand: "",
    ...more,
  };
}

export function hit(id: number, more: Partial<Hit> = {}): Hit {
  return { rank: id, score: 0.8, match: "strong", hamming: 0, folded: 0, product: product(id), ...more };
}

export function body(...ids: number[]): SearchBody {
  return { results: ids.map((id) => hit(id)) };
}
