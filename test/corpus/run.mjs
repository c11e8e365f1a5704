// Bundles the report with the sources it measures, and runs it.
import { rm } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const outfile = path.resolve("dist/corpus/report.mjs");
await build({
  entryPoints: ["test/corpus/report.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  define: { __VERSION__: '"0.0.0"' },
  logLevel: "warning",
});
try {
  await import(pathToFileURL(outfile).href);
} finally {
  await rm(path.dirname(outfile), { recursive: true, force: true });
}
