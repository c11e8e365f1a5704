import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { shadowText } from "../../src/cli/explain/shadow-text.ts";
import { run } from "../../src/cli/explain.ts";
import { plain } from "../../src/cli/paint.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { aTerminal } from "../helpers/terminal.ts";

const SAMPLE = "events/lambda-text-with-trace.json";
const directory = mkdtempSync(path.join(os.tmpdir(), "explain-shadow-"));

describe("explain --shadow", () => {
  it("shows what is meant to differ, with both sides of it and the page that says why, and the sum", async () => {
    const printed = await shadowed(SAMPLE);
    expect(printed).toMatch(/^\/aws\/lambda\/thinker-microservice 2026\/11\/21\/\S+\n#\d {2}dd, only ours\n/);
    expect(printed).toMatch(
      / {4}why {7}docs\/correlation\.md: .*\n {4}ours {6}\{"trace_id":"6b00f9d5.*\n {4}theirs {4}none\n/,
    );
    expect(printed).toMatch(/\nNot compared: 4 spans\n/);
    expect(printed).toMatch(/\n7 logs compared, 1 the same; 0 differences that nothing explains\n$/);
    expect(Math.max(...printed.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it("takes the forwarder for one of the sample's account, so that the account is no difference", async () => {
    const file = written("other-account.json", aDelivery(["a", "b"], { owner: "210987654321" }));
    expect(await shadowed(file)).toBe("2 logs compared, 2 the same; 0 differences that nothing explains\n");
  });

  it("uses the settings of --env", async () => {
    const file = written("filtered.json", aDelivery(["keep", "leave"]));
    const printed = await shadowed(file, "--env", "EXCLUDE_AT_MATCH=leave");
    expect(printed).toMatch(
      /#2 {2}item, only theirs\n {4}why {7}setting INCLUDE_AT_MATCH or EXCLUDE_AT_MATCH\n {4}ours {6}no log\n {4}theirs {4}\{/,
    );
    expect(printed).toContain("1 logs compared, 1 the same");
  });

  it("prints a line of JSON for each difference, and the report that the ledger would have", async () => {
    const lines = (await shadowed(SAMPLE, "--json"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const report = lines.pop();
    expect(report).toMatchObject({ compared: 7, differences: {}, notCompared: { spans: 4 } });
    expect(lines).toHaveLength(6);
    for (const line of lines) {
      expect(line).toMatchObject({ field: "dd", kind: "only ours", ours: { dd: { trace_id: expect.any(String) } } });
    }
  });

  it("has what nothing explains first, with the values of just that field", () => {
    const ours = { ddsource: "lambda", ddtags: "env:a,team:x,env:b", aws: { awslogs: { logGroup: "/a" } } };
    const theirs = { ddsource: "cloudwatch", ddtags: "env:c", aws: { awslogs: { logGroup: "/b" } } };
    const it = { logGroup: "/g", logStream: "s", event: 1, kind: "changed", ours, theirs };
    const differences = [
      { ...it, field: "host", meant: "decision 6" },
      { ...it, field: "ddsource", meant: "" },
      { ...it, field: "ddtags.env", meant: "" },
      { ...it, field: "aws.awslogs.logGroup", meant: "" },
    ];
    const report = { compared: 1, same: 0, differences: {}, intended: {}, notCompared: {} };
    const [first, second, third, fourth] = shadowText(differences, report, 120, plain).split("\n\n");
    expect(first).toBe(
      '/g s\n#1  ddsource, changed\n    why       nothing explains it\n    ours      "lambda"\n    theirs    "cloudwatch"',
    );
    expect(second).toMatch(/ours {6}env:a,env:b\n {4}theirs {4}env:c$/);
    expect(third).toMatch(/ours {6}"\/a"\n {4}theirs {4}"\/b"$/);
    expect(fourth).toMatch(/#1 {2}host, changed\n {4}why {7}decision 6\n {4}ours {6}none\n/);
  });
});

async function shadowed(file: string, ...args: string[]): Promise<string> {
  const terminal = aTerminal();
  expect(await run([file, "--shadow", ...args], terminal)).toBe(0);
  return terminal.printed();
}

function written(name: string, event: unknown): string {
  const file = path.join(directory, name);
  writeFileSync(file, JSON.stringify(event));
  return file;
}
