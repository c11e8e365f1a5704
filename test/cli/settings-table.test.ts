import { readFileSync } from "node:fs";
import { settingsTable, withTables } from "../../src/cli/settings-table.ts";
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

  it("takes the place of the one on a page, and leaves the rest", () => {
    const table = (rows: string): string => `| variable | default | meaning |\n| --- | --- | --- |${rows}`;
    const page = `# A\n\n${table("\n| old |")}\n\ntext\n\n${table("")}\n\n| other | table |\n`;
    const written = withTables(page, [table("\n| 1 $& |"), table("\n| 2 |")]);
    expect(written).toBe(`# A\n\n${table("\n| 1 $& |")}\n\ntext\n\n${table("\n| 2 |")}\n\n| other | table |\n`);
    expect(() => withTables(page, [table("")])).toThrow("has 2 tables of settings, and should have 1");
  });
});
