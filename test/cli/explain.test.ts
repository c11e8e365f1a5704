import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../../src/cli/explain.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { aTerminal } from "../helpers/terminal.ts";

const SAMPLE = "events/lambda-text-with-trace.json";
const directory = mkdtempSync(path.join(os.tmpdir(), "explain-"));

describe("explain", () => {
  it("shows a block for each log event, in lines that fit", async () => {
    const { printed } = await explain(SAMPLE);
    expect(printed).toMatch(
      /^\/aws\/lambda\/thinker-microservice 2026\/11\/21\/\S+ account 123456789012\n#1 {2}log {2}2026-/,
    );
    expect(printed.match(/^#\d+ /gm)).toHaveLength(8);
    expect(printed).toMatch(/^#6 {2}trace line .*\n {4}message {3}\{"traces"/m);
    expect(printed).toMatch(/^ {4}trace {5}6b00f9d500000000414ae78d188f3825, 4 spans, of the request 14ff4e83/m);
    expect(printed).toMatch(/^ {4}sent {6}datadog-logs \{"id":/m);
    expect(Math.max(...printed.split("\n").map((line) => line.length))).toBe(120);
  });

  it("shows everything with --full, still without what would move the cursor", async () => {
    const file = written("full.json", aDelivery([`\u001b[2J${"long ".repeat(100)}end`]));
    const { printed } = await explain(file, "--full");
    expect(printed).toMatch(/message {3}\[2J(?:long ){100}end\n/);
    expect(printed).not.toContain("\u001b");
  });

  it("prints a line of JSON for each log event", async () => {
    const { printed } = await explain(SAMPLE, "--json");
    const lines = printed
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ kind }) => kind)).toEqual(["log", "log", "log", "log", "log", "trace line", "log", "log"]);
    expect(lines[5].sent[0].item[0].chunks[0].spans).toHaveLength(4);
  });

  it("reads the object that the event tells of in a file, as the function would in its bucket", async () => {
    const object = written("object", "2026-11-21 a\n  at b\n2026-11-22 c");
    const pattern = "DD_MULTILINE_LOG_REGEX_PATTERN=\\d{4}-";
    const given = ["events/sqs-sns-s3-notification.json", "--object", object, "--env", pattern, "--json"];
    const { printed } = await explain(...given);
    const messages = printed
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).message);
    expect(messages).toEqual(["(1 log events)", "2026-11-21 a\n  at b", "2026-11-22 c"]);
  });

  it("names the object that it would have to read, and what to do", async () => {
    await expect(explain("events/s3-notification.json")).rejects.toMatchObject({
      name: "CommandError",
      message: expect.stringMatching(/s3:\/\/logs-of-thinkers\/thinker\/.* is not read here: .* --object$/),
    });
    await expect(explain("events/s3-notification.json", "--object", "/nowhere")).rejects.toMatchObject({
      name: "CommandError",
      message: "cannot read /nowhere: ENOENT",
    });
  });

  it("says the same of an event, of its decoded twin, and of both from the standard input", async () => {
    for (const name of readdirSync("events/decoded")) {
      const expected = await explain(`events/${name}`, "--json");
      expect(await explain(`events/decoded/${name}`, "--json")).toEqual(expected);
      const terminal = aTerminal(readFileSync(`events/${name}`));
      await run(["-", "--json"], terminal);
      expect(terminal.printed()).toBe(expected.printed);
    }
  });

  it("uses the settings of --env, and shows no key", async () => {
    const key = "0123456789abcdef0123456789abcdef";
    const given = ["--env", "EXCLUDE_AT_MATCH=thinking=?", "--env", `DD_API_KEY=${key}`, "--env", "DD_USE_TCP=true"];
    const { printed, warned } = await explain(SAMPLE, ...given, "--env", "DD_FETCH_LAMBDA_TAGS=true");
    expect(printed.match(/left out: EXCLUDE_AT_MATCH/g)).toHaveLength(2);
    expect(printed + warned).not.toContain(key);
    expect(warned).toContain("DD_USE_TCP=true has no effect");
    expect(warned).toContain("AWS's tags are not looked up here");
  });

  it("shows what an OpenTelemetry backend would get, alone where no key of Datadog's is given", async () => {
    const endpoint = ["--env", "OTEL_EXPORTER_OTLP_ENDPOINT=https://collector"];
    const { printed } = await explain(SAMPLE, "--full", ...endpoint);
    expect(printed).not.toMatch(/sent +datadog-/);
    expect(printed).toMatch(/sent {6}otlp-logs .*"correlation.method":"request-id"/);
    expect(printed).toMatch(/sent {6}otlp-traces .*"service.name":/);
    const both = await explain(SAMPLE, ...endpoint, "--env", "DD_API_KEY=0123456789abcdef0123456789abcdef");
    expect(both.printed.match(/sent {6}otlp-logs/g)).toHaveLength(7);
    expect(both.printed.match(/sent {6}datadog-logs/g)).toHaveLength(7);
  });

  it("says which of the logs of an event it tells of", async () => {
    const { printed } = await explain("events/otlp-json.json");
    expect(printed).toMatch(
      /^#\d+ {2}log 1 of 2 {2}2026-.*\n(?:.*\n)? {4}why {7}it is one of the 2 log records in a line of/m,
    );
  });

  it("says that links are those of the event alone, where a table would be asked", async () => {
    const { warned } = await explain(SAMPLE, "--env", "CORRELATION_TABLE=traces");
    expect(warned).toContain("The table of traces is not asked here");
  });

  it.each([
    ["a file that is not there", () => "/nowhere.json", "cannot read /nowhere.json: ENOENT"],
    ["no JSON", () => written("text.json", "hello"), /text\.json is not JSON$/],
    ["an event of no known kind", () => written("other.json", { hello: 1 }), /the event is of no known kind/],
    ["text for an event", () => written("string.json", '"hello"'), /the event is of no known kind/],
    ["broken gzip", () => written("gzip.json", { awslogs: { data: cut() } }), /awslogs\.data is cut short/],
    ["no base64", () => written("base64.json", { awslogs: { data: "%" } }), /awslogs\.data is not base64/],
    [
      "a delivery without log events",
      () => written("empty.json", { messageType: "DATA_MESSAGE", logEvents: 1 }),
      /is JSON but not of CloudWatch Logs/,
    ],
  ])("refuses %s with one message and a remedy", async (_what, file, problem) => {
    await expect(explain(file())).rejects.toMatchObject({
      name: "CommandError",
      message: typeof problem === "string" ? problem : expect.stringMatching(problem),
      remedy: expect.stringContaining("events/"),
    });
  });

  it("names every setting that cannot be used", async () => {
    await expect(explain(SAMPLE, "--env", "DD_PORT=http", "--env", "INCLUDE_AT_MATCH=(")).rejects.toMatchObject({
      name: "CommandError",
      message: expect.stringMatching(/INCLUDE_AT_MATCH [\s\S]*DD_PORT must be/),
    });
  });

  it.each([
    [[]],
    [["a", "b"]],
    [[SAMPLE, "--env", "=x"]],
    [[SAMPLE, "--env", "DD_TAGS"]],
    [[SAMPLE, "--shadow", "--object", SAMPLE]],
  ])("refuses the command line %j", async (args) => {
    await expect(explain(...args)).rejects.toMatchObject({ name: "UsageError" });
  });
});

async function explain(...args: string[]): Promise<{ printed: string; warned: string }> {
  const terminal = aTerminal();
  expect(await run(args, terminal)).toBe(0);
  return { printed: terminal.printed(), warned: terminal.warned() };
}

function written(name: string, content: unknown): string {
  const file = path.join(directory, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

function cut(): string {
  return gzipSync("x".repeat(1000)).subarray(0, 15).toString("base64");
}
