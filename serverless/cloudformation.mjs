// Writes the stack as plain CloudFormation: `npm run cloudformation -- --param Name=value …` packages with these parameters
// and writes dist/cloudformation.json and its code, dist/forwarder.zip. docs/cloudformation.md says how to deploy it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(import.meta.url);
const plainTemplate = require("./plain-template.cjs");

const packageFile = require.resolve("serverless/package.json");
const { bin } = JSON.parse(readFileSync(packageFile, "utf8"));
const program = path.join(path.dirname(packageFile), typeof bin === "string" ? bin : bin.serverless);
try {
  execFileSync(process.execPath, [program, "package", ...process.argv.slice(2)], { stdio: "inherit" });
} catch (error) {
  // It has said what is wrong.
  process.exit(error.status ?? 1);
}

const packaged = JSON.parse(readFileSync(".serverless/cloudformation-template-update-stack.json", "utf8"));
const deciding = readdirSync("serverless")
  .filter((file) => file.endsWith(".cjs") && !/problems|check-parameters|legacy-parameters|plain-template/.test(file))
  .map((file) => readFileSync(path.join("serverless", file), "utf8"))
  .join("\n");
const isDecided = (name) => new RegExp(`\\b${name}\\b`).test(deciding.replace(/^\s*(?:\/\/|\*).*$/gm, ""));
const template = plainTemplate(packaged, readFileSync("serverless.yml", "utf8"), isDecided);
mkdirSync("dist", { recursive: true });
writeFileSync("dist/cloudformation.json", `${JSON.stringify(template, null, 2)}\n`);
console.log(
  `dist/cloudformation.json: ${Object.keys(template.Resources).length} resources, ${Object.keys(template.Parameters).length} parameters`,
);
