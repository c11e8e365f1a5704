import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { settingsTable } from "../src/cli/settings-table.ts";
import { otlpSettings } from "../src/config/otlp.ts";

const root = path.join(__dirname, "..");
const readme = readFileSync(path.join(root, "README.md"), "utf8");

describe("the README", () => {
  it("has the settings as they are; `npm run settings` prints them", () => {
    expect(readme).toContain(settingsTable(readFileSync(path.join(root, "src/config.ts"), "utf8")));
    const otlp = readFileSync(path.join(root, "src/config/otlp.ts"), "utf8");
    expect(readme).toContain(settingsTable(otlp, otlpSettings));
  });

  it("links to nothing that is not there", () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] as string);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((link) => !existsSync(path.join(root, link)))).toEqual([]);
  });
});
