import { readFileSync } from "node:fs";
import path from "node:path";
import { settingsTable, withTables } from "../src/cli/settings-table.ts";
import { otlpSettings } from "../src/config/otlp.ts";

const read = (file: string): string => readFileSync(path.join(__dirname, "..", file), "utf8");
const readme = read("README.md");

describe("the page of settings", () => {
  it("has them as they are; `npm run settings` writes it", () => {
    const page = read("docs/settings.md");
    const tables = [settingsTable(read("src/config.ts")), settingsTable(read("src/config/otlp.ts"), otlpSettings)];
    expect(page).toBe(withTables(page, tables));
  });
});

describe("the README", () => {
  it("names no script that is not there", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm run ([a-z:]+)/g)].map(([, script = ""]) => script);
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });

  it("can be read in a few minutes", () => {
    expect(readme.split("\n").length).toBeLessThan(160);
  });
});
