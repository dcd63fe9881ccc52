import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The console is served below /console/, so that no page of it can be taken for a webhook's path.
export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: {
    outDir: "../src/orchestrate/web/static",
    emptyOutDir: true,
    target: "es2022",
    // A data: address would need a looser content security policy.
    assetsInlineLimit: 0,
    // The polyfill is an inline script's job that every supported browser does by itself.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What is bundled may be handed on only with its licences.
    license: { fileName: "licenses.txt" },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    // Only to end what hangs: a busy machine may take its time.
    testTimeout: 120_000,
  },
});
