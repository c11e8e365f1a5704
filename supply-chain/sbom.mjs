// Writes dist/sbom.json, CycloneDX by npm, of what is in dist/forwarder.zip: `npm run sbom`. It needs no network.
//
// `npm sbom --omit dev` leaves out packages that a development dependency uses too, so all are asked for, and those kept that
// the bundler took.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundledPackages } from "./bundled-packages.mjs";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const args = ["sbom", "--package-lock-only", "--sbom-format", "cyclonedx", "--offline"];
const options = { cwd: root, maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "inherit"] };
const sbom = JSON.parse(execFileSync("npm", args, options).toString());
const bundled = new Set(bundledPackages().map(({ name, version }) => `${name}@${version}`));
const own = sbom.metadata.component["bom-ref"];
// A package that stands in several places has a reference for each, with more behind its name and version.
const components = sbom.components.filter((component) => bundled.has(identityOf(component)));
const kept = new Set([own, ...components.map((component) => component["bom-ref"])]);
const dependencies = sbom.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((on) => kept.has(on)) }));
writeFileSync(path.join(root, "dist/sbom.json"), `${JSON.stringify({ ...sbom, components, dependencies }, null, 2)}\n`);
console.log(`dist/sbom.json: ${components.length} packages`);

function identityOf({ group, name, version }) {
  return `${group && !name.startsWith("@") ? `${group}/${name}` : name}@${version}`;
}
