import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { ApiTrace } from "../../src/viewer/api-types.ts";
import { aCommand } from "../helpers/a-command.ts";
import { printedRequest } from "../helpers/printed-request.ts";

jest.setTimeout(60_000);

const main = path.resolve("dist/cli/main.mjs");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "source-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const LOGS_OF_A_REQUEST = [
  expect.stringMatching(/^START /),
  expect.stringContaining("loading the cart"),
  expect.stringMatching(/^END /),
  expect.stringMatching(/^REPORT /),
];

describe("log-trace-forwarder start -", () => {
  it("reads what a function prints, and prints its traces with their logs as JSON at the end", async () => {
    const output = await outputOf(["-", "--json", "--function", "shop-cart"], printedRequest("cart"));
    expect(output.services).toEqual(["cart", "shop-cart"]);
    const [trace] = output.traces;
    expect(trace.spans).toMatchObject([
      { name: "aws.lambda", parentId: null },
      { name: "load", parentId: "00000000000000aa" },
    ]);
    expect(trace.logs.map(({ body }: { body: string }) => body)).toEqual(LOGS_OF_A_REQUEST);
    expect(output.uncorrelatedLogs).toEqual([]);
    expect(output.ledger).toMatchObject([{ events: 5, unaccounted: 0 }]);
  });

  it("reads lines without START, END and REPORT", async () => {
    const lines = printedRequest("cart").filter((line) => !/^(?:START|END|REPORT)/.test(line));
    const { traces } = await outputOf(["-", "--json"], lines);
    expect(traces).toMatchObject([{ spans: [{}, {}], logs: [{ spanId: "00000000000000bb" }] }]);
  });

  it("reads what aws logs tail prints", async () => {
    const streams = [
      "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
      "2026/11/21/cart[7]0123456789abcdef0123456789abcdef",
    ];
    const lines = streams.flatMap((stream, at) =>
      printedRequest("cart", BigInt(at + 1)).map((line) => `2026-11-21T12:00:00.123000+00:00 ${stream} ${line}`),
    );
    const { traces, uncorrelatedLogs, ledger } = await outputOf(["-", "--json"], [...lines, "and it goes on"]);
    expect(traces.map(({ logs }: { logs: { body: string }[] }) => logs.map(({ body }) => body))).toEqual([
      LOGS_OF_A_REQUEST,
      [...LOGS_OF_A_REQUEST.slice(0, 3), expect.stringMatching(/^REPORT .*\nand it goes on$/)],
    ]);
    expect(uncorrelatedLogs).toEqual([]);
    expect(ledger).toHaveLength(2);
  });

  it.each([
    ["json", (line: string) => `2026-11-21T12:00:00.123000+00:00 2026/11/21/[1]${"0".repeat(32)} ${spread(line)}`],
    ["short", (line: string) => `2026-11-21T12:00:00 ${line}`],
  ])("ties logs to their spans in what aws logs tail --format %s prints", async (_format, printed) => {
    const { traces, uncorrelatedLogs } = await outputOf(["-", "--json"], printedRequest("cart").map(printed));
    expect(traces).toMatchObject([{ spans: [{ name: "aws.lambda" }, { name: "load" }] }]);
    expect(traces[0].logs.map(({ body }: { body: string }) => body)).toEqual(LOGS_OF_A_REQUEST);
    expect(uncorrelatedLogs).toEqual([]);
  });

  it("shows each trace as it comes, serves the page until Ctrl-C, and saves what a query is like", async () => {
    const file = path.join(folder, "one.ndjson");
    const { child, ended, until, output } = start("-", "--save", file, "--query", "trace:42");
    child.stdin.write(`${[...printedRequest("cart", 41n), ...printedRequest("cart", 42n)].join("\n")}\n`);
    await until("trace 0000000000000000000000000000002a");
    await until("INFO loading the cart");
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0];
    const trace = (await (await fetch(`${url}/api/traces/42`)).json()) as ApiTrace;
    expect(trace.logs).toHaveLength(4);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toContain("trace 00000000000000000000000000000029");
    const saved = readFileSync(file, "utf8");
    expect(saved).toContain('"traceId":"0000000000000000000000000000002a"');
    expect(saved).not.toContain('"traceId":"00000000000000000000000000000029"');
  });
});

describe("log-trace-forwarder start with a file", () => {
  it("reads a file as the standard input, also a compressed one", async () => {
    const file = path.join(folder, "printed.log.gz");
    writeFileSync(file, gzipSync(printedRequest("cart").join("\n")));
    const { code, stdout } = await start(file, "--once").ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/└─ local · aws\.lambda {2}50\.00 ms\n.*START\n/);
  });

  it("opens what was saved, and saving it again gives the same", async () => {
    const [first, second] = [path.join(folder, "a.ndjson.gz"), path.join(folder, "b.ndjson.gz")] as const;
    await outputOf(["-", "--json", "--save", first], printedRequest("cart"));
    const { stdout } = await start("--open", first, "--once", "--save", second).ended;
    expect(stdout).toContain(`opened     ${first}: 2 spans, 4 logs\n`);
    expect(stdout).toContain("· INFO loading the cart");
    expect(gunzipSync(readFileSync(second)).toString()).toBe(gunzipSync(readFileSync(first)).toString());
  });

  it("says what is wrong with a file, and what to do", async () => {
    const missing = path.join(folder, "missing");
    expect(await start(missing, "--once").ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error: cannot read .*missing: ENOENT .*\nname a file/),
    });
    expect(await start("--open", missing).ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error: cannot read .*missing: ENOENT\nName a file that --save/),
    });
    const other = path.join(folder, "other.txt");
    writeFileSync(other, "hello\n");
    expect(await start("--open", other).ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Error: .*other\.txt cannot be opened: nothing can be imported: line 1: not JSON\nIts lines/,
      ),
    });
    const nowhere = path.join(missing, "x.ndjson");
    expect(await aRun(["-", "--once", "--save", nowhere], printedRequest("cart"))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error: cannot write .*x\.ndjson: ENOENT\n/),
    });
  });
});

/** As the tool prints a message that is JSON. */
function spread(message: string): string {
  return message.startsWith("{") ? `\n${JSON.stringify(JSON.parse(message), undefined, 4)}` : message;
}

function start(...args: string[]) {
  return aCommand(["start", ...args], { main, cwd: folder });
}

function aRun(args: string[], lines: string[]) {
  const { child, ended } = start(...args);
  child.stdin.end(lines.join("\n"));
  return ended;
}

async function outputOf(args: string[], lines: string[]) {
  const { stdout, stderr } = await aRun(args, lines);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}
