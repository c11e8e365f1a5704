import { readFileSync } from "node:fs";
import { settingsTable } from "../../src/cli/settings-table.ts";
import { settings } from "../../src/config.ts";

const source = readFileSync("src/config.ts", "utf8");

describe("the table of settings", () => {
  it("has every variable with its default and meaning", () => {
    const rows = settingsTable(source).split("\n");
    expect(rows).toHaveLength(Object.keys(settings).length + 2);
    for (const row of rows.slice(2)) expect(row).toMatch(/^\| (`\w+`(, )?)+ \| (`[^`]*`)? \| .{5,} \|$/);
    expect(rows).toContain("| `DD_NO_SSL` | `false` | Send over http instead of https. |");
    expect(settingsTable(source)).toContain("| `DD_FORWARD_LOG`, `DdForwarderLog` | `true` |");
  });

  it("names a setting of which nobody said what it means", () => {
    expect(() => settingsTable(source.replace("/** Send gzip. */", ""))).toThrow("useCompression");
  });
});
