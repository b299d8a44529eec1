import { defineConfig } from "vite";
import { textsOfEmbed } from "./scripts/texts.mjs";

/** One file for pages of other sites, at an address that stays: dist/embed.js, beside what vite.config.ts has built. */
export default defineConfig({
  plugins: [textsOfEmbed()],
  build: {
    outDir: "dist",
    emptyOutDir: false,
    copyPublicDir: false,
    lib: { entry: "src/embed/embed.ts", formats: ["iife"], name: "sketchfindEmbed", fileName: () => "embed.js" },
  },
});
