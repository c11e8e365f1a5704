// Prints the packages whose code is in dist/forwarder.zip, with version and licence, as a table: `npm run licences`.
import { bundledPackages } from "./bundled-packages.mjs";

const rows = bundledPackages().map(
  ({ name, version, license = "not said" }) => `| ${name} | ${version} | ${license} |`,
);
console.log(["| package | version | licence |", "| --- | --- | --- |", ...new Set(rows)].join("\n"));
