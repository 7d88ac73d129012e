import { readdirSync } from "node:fs";
import { defineConfig } from "vite";

const server = "http://127.0.0.1:8080";

// `vite build --mode test` turns the tests into plain JavaScript for Node's own test runner.
const tests = {
  ssr: true,
  outDir: "node_modules/.tests",
  rolldownOptions: {
    input: readdirSync("test").map((file) => `test/${file}`),
    output: { entryFileNames: "[name].js" },
  },
};

export default defineConfig(({ mode }) => ({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build:
    mode === "test"
      ? tests
      : {
          target: "es2022",
          // The browser of a kiosk is current: no polyfill, and nothing inlined, so that the page keeps to
          // `default-src 'self'`.
          modulePreload: { polyfill: false },
          assetsInlineLimit: 0,
        },
  // `npm run dev` shows the page against a running mirror.
  server: { proxy: { "/events": server, "/preview.jpg": server, "/pictures": server, "/interactions": server } },
}));
