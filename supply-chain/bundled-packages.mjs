// The packages whose code is in dist/forwarder.zip, as the bundler says (dist/bundled.json): their package.json, by name.
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export function bundledPackages() {
  const folders = new Set();
  const bundled = JSON.parse(readFileSync(path.join(root, "dist/bundled.json"), "utf8"));
  for (const file of Object.values(bundled).flat()) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? [];
    if (folder) folders.add(path.resolve(root, folder, "package.json"));
  }
  return [...folders].map((file) => JSON.parse(readFileSync(file, "utf8"))).sort((a, b) => (a.name < b.name ? -1 : 1));
}
