import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { settings } from "../src/config.ts";

const page = readFileSync(path.join(__dirname, "../docs/parity.md"), "utf8");

interface Row {
  section: string;
  theirs: string;
  here: string;
  tests: { title: string; file: string }[];
}

const rows: Row[] = page.split(/^## /m).flatMap((text) => {
  const section = text.slice(0, text.indexOf("\n"));
  // Behind the names of the columns and the line below them.
  const lines = text
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(2);
  return lines.map((line): Row => {
    const [theirs = "", here = "", shownBy = ""] = line.slice(2, -2).split(" | ");
    const links = [...shownBy.matchAll(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g)];
    return { section, theirs, here, tests: links.map(([, title = "", file = ""]) => ({ title, file })) };
  });
});

/** The titles of the tests in a file, as they are written there. */
function titlesIn(file: string): string[] {
  const text = readFileSync(path.join(__dirname, "..", file), "utf8");
  const calls = text.matchAll(/\(\s*(["'`])((?:(?!\1)[^\\]|\\.)*)\1,\s*(?:async\s*)?(?:\(|\w+ =>)/g);
  return [...calls].map(([, , title = ""]) => title.replace(/\\(["'`])/g, "$1"));
}

describe("the page beside the Datadog Forwarder", () => {
  it("names tests that are there", () => {
    const named = rows.flatMap(({ tests }) => tests);
    expect(named.length).toBeGreaterThan(150);
    const missing = named.filter(({ title, file }) => !existsSync(file) || !titlesIn(file).includes(title));
    expect(missing).toEqual([]);
  });

  it("has a test for whatever it says is the same, better or different", () => {
    const says = rows.filter(({ here }) => !/^(?:not yet|does not apply): /.test(here));
    expect(says.length).toBeGreaterThan(100);
    expect(says.filter(({ tests }) => tests.length === 0)).toEqual([]);
  });

  it("has a reason where there is no test", () => {
    expect(rows.filter(({ here }) => /^(?:not yet|does not apply)/.test(here) && !/: .{5}/.test(here))).toEqual([]);
  });

  it("calls no variable the same that the settings do not know", () => {
    const known = new Set<string>(Object.values(settings).flatMap(({ variables }) => [...variables]));
    const same = rows.filter(({ section, here }) => section === "Variables" && /^same/.test(here));
    const named = same.flatMap(({ theirs }) => [...theirs.matchAll(/`(DD_[A-Z_\d]+|[A-Z]+_(?:AT_MATCH|IP|EMAIL))`/g)]);
    expect(named.length).toBeGreaterThan(25);
    expect(named.map(([, name = ""]) => name).filter((name) => !known.has(name))).toEqual([]);
  });

  it("links to nothing that is not there", () => {
    const links = [...page.matchAll(/\]\(((?:decisions|\.\.)\/[^)]+)\)/g)].map(([, link = ""]) => link);
    expect(links.filter((link) => !existsSync(path.join(__dirname, "../docs", link)))).toEqual([]);
  });
});
