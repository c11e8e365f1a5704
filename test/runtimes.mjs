// Runs the suite on every Node version the project supports, each from the npm package `node`.
import { spawnSync } from "node:child_process";

const versions = process.argv.length > 2 ? process.argv.slice(2) : ["20", "22", "24"];
const failed = [];
for (const version of versions) {
  console.log(`\n── Node ${version} ──`);
  const jest = ["node", "--no-warnings", "node_modules/jest/bin/jest.js"];
  const { status } = spawnSync("npm", ["exec", "--yes", `--package=node@${version}`, "--", ...jest], {
    stdio: "inherit",
  });
  if (status !== 0) failed.push(version);
}
console.log(failed.length === 0 ? `\npassed on Node ${versions.join(", ")}` : `\nfailed on Node ${failed.join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
