import { defineConfig } from "vitest/config";
import { textsOfEmbed, textsOfEntries } from "./scripts/texts.mjs";

/** Django serves the built files under /static/ and finds them through the manifest (django-vite). */
export default defineConfig({
  base: "/static/",
  plugins: [textsOfEntries(), textsOfEmbed()],
  build: {
    outDir: "dist",
    manifest: true,
    // A data: URI would require an exception in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: [
        "src/work/triplets/triplets.tsx",
        "src/work/attributes/attributes.tsx",
        "src/studio/campaigns/campaigns.tsx",
        "src/work/sketches/sketches.tsx",
        "src/search/draw.tsx",
        "src/search/product.ts",
        "src/shared/site.ts",
        "src/studio/studio.tsx",
      ],
    },
  },
  test: { include: ["tests/**/*.test.{ts,tsx}"] },
});
