/** That the list of decisions is whole, and that its titles are those of the pages. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const folder = path.join(__dirname, "../docs/decisions");
const index = readFileSync(path.join(folder, "README.md"), "utf8");
const files = readdirSync(folder).filter((file) => file !== "README.md");

/** A page's first line: `# <number>. <title>`, ten spaces, `<date> · <what became of it>`. */
function headingOf(file: string): { number: number; title: string; status: string } {
  const [line = ""] = readFileSync(path.join(folder, file), "utf8").split("\n");
  const [, number, title = "", status = ""] = /^# (\d+)\. (.+?) {10}\d{4}-\d\d-\d\d · (.+)$/.exec(line) ?? [];
  return { number: Number(number), title, status };
}

describe("the list of decisions", () => {
  it("has a line for each page, with its title", () => {
    const lines = files.map((file) => {
      const { number, title } = headingOf(file);
      return `- [${number}. ${title}](${file})`;
    });
    expect(lines.filter((line) => !index.includes(line))).toEqual([]);
  });

  it("has pages of one number each, which their names begin with", () => {
    const numbers = files.map((file) => headingOf(file).number);
    expect(numbers).toEqual(files.map((file) => Number(file.slice(0, 4))));
    expect(new Set(numbers).size).toBe(files.length);
  });

  it("has pages that are accepted, or replaced by one that says so", () => {
    const odd = files.filter((file) => {
      const { number, status } = headingOf(file);
      if (status.startsWith("accepted")) return false;
      const [, newer = ""] = /^replaced by \[\d+\]\(([^)]+)\)/.exec(status) ?? [];
      return !files.includes(newer) || !headingOf(newer).status.includes(`replaces [${number}]`);
    });
    expect(odd).toEqual([]);
  });
});
