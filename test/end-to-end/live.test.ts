import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { ApiLedger, ApiLogs } from "../../src/viewer/api-types.ts";
import { startIntake } from "../../src/viewer/intake.ts";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import { AwsError } from "../emulator/service.ts";
import { aCommand } from "../helpers/a-command.ts";
import { printedRequest } from "../helpers/printed-request.ts";

jest.setTimeout(60_000);

const main = path.resolve("dist/cli/main.mjs");
let emulator: Emulator;
let folder: string;
beforeEach(async () => {
  emulator = await startEmulator();
  folder = mkdtempSync(path.join(os.tmpdir(), "live-"));
  for (const name of ["/aws/lambda/shop-cart", "/aws/lambda/shop-pay", "/other"]) await createGroup(name);
});
afterEach(async () => {
  await emulator.stop();
  rmSync(folder, { recursive: true });
});

describe("log-trace-forwarder live", () => {
  it("shows traces with their logs in the terminal, reads back, and saves what is held", async () => {
    write("/aws/lambda/shop-cart", ...printedRequest("cart"));
    const file = path.join(folder, "held.ndjson.gz");
    const { child, ended, until, output } = live(
      "--pattern",
      "/aws/lambda/shop-*",
      "--since",
      "15m",
      "--terminal",
      "--save",
      file,
    );
    await until("loading the cart");
    expect(output.stdout).toContain(
      "following  /aws/lambda/shop-cart\n           /aws/lambda/shop-pay\n           and what is made later like /aws/lambda/shop-*, looked for every 30 s\nuntil Ctrl-C\n",
    );
    await untilTailing();
    write("/aws/lambda/shop-pay", ...printedRequest("pay", 42n));
    await until("shop-pay · aws.lambda");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr.split("\n")).toEqual([
      "reading back log group 1 of 2: 0 log events",
      "read back 5 log events of 2 log groups",
      `saved to ${file}: log-trace-forwarder start --open ${file} shows it again`,
      "10 log events: 2 traces, 4 spans, 8 logs",
      "",
    ]);
    const tree = stdout
      .split("\n")
      .filter((line) => /└─ shop-cart|loading/.test(line))
      .slice(0, 3);
    expect(tree).toEqual([
      expect.stringMatching(/^━{24} └─ shop-cart · aws\.lambda {2}50\.00 ms$/),
      expect.stringMatching(/^━{24} {4}└─ shop-cart · load {2}50\.00 ms$/),
      expect.stringMatching(/^[ •]{25} +· INFO loading the cart$/),
    ]);
    expect(readFileSync(file).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  });

  it("passes everything on by OpenTelemetry's protocol, and is a page with the forwarder's ledgers", async () => {
    const backend = await startIntake();
    const { child, ended, until, output } = live("shop-cart", "--otlp", backend.url);
    await until("until Ctrl-C");
    await untilTailing();
    write("/aws/lambda/shop-cart", ...printedRequest("cart"));
    await waitFor(() => backend.store.received.spans === 2 && backend.store.received.logs === 4);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output.stdout)?.[0];
    const get = async <Answer>(place: string) => (await (await fetch(`${url}${place}`)).json()) as Answer;
    const { logs } = await get<ApiLogs>("/api/logs?query=loading");
    expect(logs).toMatchObject([
      { logGroup: "/aws/lambda/shop-cart", logStream: "2026/11/21/[$LATEST]ab", spanId: "00000000000000bb" },
    ]);
    // The forwarder writes its ledger when all is sent.
    await waitFor(async () => (await get<ApiLedger>("/api/ledger")).totals.events === 5);
    expect((await get<ApiLedger>("/api/ledger")).totals).toMatchObject({ events: 5, unaccounted: 0 });
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: "5 log events: 1 trace, 2 spans, 4 logs\n" });
    await backend.close();
  });

  it("goes on where the OpenTelemetry backend takes nothing, and says so", async () => {
    const backend = createServer((request, response) => {
      request.resume();
      response.writeHead(401).end();
    });
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
    const { child, ended, until } = live("shop-cart", "--otlp", url, "--terminal");
    await until("until Ctrl-C");
    await untilTailing();
    write("/aws/lambda/shop-cart", ...printedRequest("cart"));
    await until("INFO loading the cart");
    await until("the forwarder failed", "stderr");
    child.kill("SIGINT");
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^the forwarder failed: Error: otlp-\w+: \d+ of \d+ not delivered \(.*\).*\n5 log events: .*\n$/,
    );
    backend.closeAllConnections();
    backend.close();
  });

  it("follows ten log groups a session, and those that Live Tail does not take by reading them", async () => {
    for (let number = 0; number < 12; number++)
      await createGroup(`/many/${String(number).padStart(2, "0")}`, number > 10);
    const { child, ended, until } = live("--pattern", "/many/*", "--terminal");
    await until("until Ctrl-C");
    await waitFor(() => emulator.logs.liveTail.open().length === 2);
    expect(emulator.logs.liveTail.open().map((arns) => arns.length)).toEqual([10, 1]);
    write("/many/10", "tailed");
    write("/many/11", "read");
    await Promise.all([until(" tailed"), until(" read")]);
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 0, stderr: "2 log events: 0 traces, 0 spans, 2 logs\n" });
  });

  it("keeps a profile, takes it again, and shows only what a query is like", async () => {
    const first = live("/other", "--save-profile", "mine", "--poll", "--terminal", "--query", "wanted");
    await first.until("until Ctrl-C");
    first.child.kill("SIGINT");
    expect((await first.ended).code).toBe(0);
    const second = live("--profile", "mine", "--since", "1h");
    await second.until("until Ctrl-C");
    write("/other", "not this", "this is wanted");
    await second.until("this is wanted");
    second.child.kill("SIGINT");
    const { code, stdout } = await second.ended;
    expect(code).toBe(0);
    expect(stdout).not.toContain("not this");
    expect(emulator.logs.liveTail.started()).toBe(0);
  });

  it("says what to do where a log group, a right or credentials are missing", async () => {
    expect(await live("/aws/lambda/shop-crat").ended).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "Error: there is no log group /aws/lambda/shop-crat in this account and region\nLike it are:\n  /aws/lambda/shop-cart\n  /aws/lambda/shop-pay\n",
    });
    emulator.logs.failNext("DescribeLogGroups", new AwsError("AccessDeniedException", "User: me is not authorized"));
    expect(await live("--pattern", "*").ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Error: cannot list log groups: AccessDeniedException: .*\nAsk for the right logs:Des/,
      ),
    });
    const without = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true" };
    expect(
      await aCommand(["live", "x"], { main, cwd: folder, env: { ...emulator.environment, ...without } }).ended,
    ).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^Error: cannot list log groups: CredentialsProviderError: .*\nLog in to AWS/),
    });
  });

  it("ends with 2 and the usage for a wrong command line, and shows it for --help", async () => {
    expect(await live("--sometimes").ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--sometimes.*\n+Usage/),
    });
    expect(await live("--help").ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage/), stderr: "" });
  });
});

function live(...args: string[]) {
  return aCommand(["live", ...args], { main, cwd: folder, env: emulator.environment });
}

function write(group: string, ...messages: string[]): void {
  for (const message of messages) {
    emulator.logs.write(group, "2026/11/21/[$LATEST]ab", { timestamp: Date.now(), message: `${message}\n` });
  }
}

async function untilTailing(): Promise<void> {
  await waitFor(() => emulator.logs.liveTail.open().length === 1);
}

async function waitFor(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) {
    if (tries > 1_000) throw new Error("it did not become so");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function createGroup(logGroupName: string, isInfrequent = false): Promise<void> {
  const logGroupClass = isInfrequent ? "INFREQUENT_ACCESS" : "STANDARD";
  await emulator.logs.answer({
    ...{ service: "logs", accessKeyId: "AKIDTEST", method: "POST", path: "/", query: new URLSearchParams() },
    headers: { "x-amz-target": "Logs_20140328.CreateLogGroup" },
    body: Buffer.from(JSON.stringify({ logGroupName, logGroupClass })),
  });
}
