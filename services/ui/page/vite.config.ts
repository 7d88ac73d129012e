import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const server = "http://127.0.0.1:8080";
const SERVED = ["/api", "/diagnostics", "/events", "/interactions", "/pictures", "/preview.jpg", "/recognitions", "/report", "/samples", "/story"];

// `vite build --mode test` turns the tests into plain JavaScript for Node's own test runner.
const tests = {
  ssr: true,
  outDir: "node_modules/.tests",
  rolldownOptions: {
    input: readdirSync("test").map((file) => `test/${file}`),
    output: { entryFileNames: "[name].js" },
  },
};

/** Puts each asset's compressed forms beside it, so that the server of a small device never has to compress them. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle).filter((name) => /^assets\/.*\.(?:js|css|svg)$/.test(name))) {
        const content = readFileSync(join(dir, name));
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
        writeFileSync(join(dir, `${name}.br`), brotliCompressSync(content, quality));
        writeFileSync(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig(({ mode }) => ({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: mode === "test" ? [] : [compressed()],
  build:
    mode === "test"
      ? tests
      : {
          target: "es2022",
          // The browser of a kiosk is current: no polyfill, and nothing inlined, so that the page keeps to
          // `default-src 'self'`.
          modulePreload: { polyfill: false },
          assetsInlineLimit: 0,
          // three.js, which is loaded when somebody looks.
          chunkSizeWarningLimit: 600,
          rolldownOptions: { input: ["index.html", "space.html", "teach.html", "status.html"] },
        },
  // `npm run dev` shows the pages against a running mirror.
  server: { proxy: Object.fromEntries([...SERVED, "/space/events"].map((path) => [path, server])) },
}));
