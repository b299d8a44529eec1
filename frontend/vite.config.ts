import { defineConfig } from "vitest/config";

/** Django serves the built files under /static/ and finds them through the manifest (django-vite). */
export default defineConfig({
  base: "/static/",
  build: {
    outDir: "dist",
    manifest: true,
    // A data: URI would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: [
        "src/annotate/annotate.tsx",
        "src/attributes/attributes.tsx",
        "src/campaigns/campaigns.tsx",
        "src/collect/collect.tsx",
        "src/search/draw.tsx",
        "src/search/product.ts",
        "src/shared/site.ts",
        "src/studio/studio.tsx",
      ],
    },
  },
  test: { include: ["tests/**/*.test.{ts,tsx}"] },
});
