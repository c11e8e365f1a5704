import { type ChildProcess, spawn } from "node:child_process";
import type { ApiFunctions, ApiLedger, ApiServiceMap, ApiTrace, ApiTraces } from "../../src/viewer/api-types.ts";

// Loading two tracers takes a while on a busy machine.
jest.setTimeout(60_000);

interface Output {
  services: string[];
  traces: {
    traceId: string;
    spans: {
      spanId: string;
      parentId: string | null;
      service: string;
      name: string;
      resource: string;
      error: { type: string; message: string } | null;
      attributes: Record<string, string | number>;
    }[];
    logs: { spanId: string | null; service: string; body: string }[];
  }[];
  uncorrelatedLogs: { service: string; body: string }[];
  ledger: { events: number; unaccounted: number }[];
}

describe("npm start -- --once --json", () => {
  let ended: Ended;
  let output: Output;
  beforeAll(async () => {
    ended = await start("--once", "--json").ended;
    output = JSON.parse(ended.stdout) as Output;
  });

  it("prints one line of JSON and nothing else, and ends well", () => {
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    expect(ended.stdout.trimEnd()).not.toContain("\n");
    expect(Object.keys(output)).toEqual(["services", "traces", "uncorrelatedLogs", "ledger"]);
  });

  it("has one trace of both functions with every parent present", () => {
    expect(output.services).toEqual(["thinker-api", "thinker-microservice"]);
    expect(output.traces).toHaveLength(1);
    const { traceId, spans } = theTrace();
    expect(traceId).toMatch(/^(?!0{16})[0-9a-f]{32}$/);
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(spans.filter(({ parentId }) => parentId === null)).toHaveLength(1);
    expect(spans.filter(({ parentId }) => parentId !== null && !ids.has(parentId))).toEqual([]);
    expect(ids.size).toBe(spans.length);
  });

  it("leads from the API through its HTTP request to the microservice and its thoughts", () => {
    const { spans } = theTrace();
    const parents = (spanId: string | null): string[] => {
      const span = spans.find((candidate) => candidate.spanId === spanId);
      return span ? [`${span.service} ${span.name}`, ...parents(span.parentId)] : [];
    };
    const thoughts = spans.filter(({ name }) => name === "think");
    expect(thoughts.map(({ spanId }) => parents(spanId))).toEqual(
      Array(2).fill([
        "thinker-microservice think",
        "thinker-microservice aws.lambda",
        "thinker-api http.request",
        "thinker-api aws.lambda",
      ]),
    );
  });

  it("tags each thought with its subject, and has the error of the unknown one only", () => {
    const thoughts = theTrace().spans.filter(({ name }) => name === "think");
    expect(thoughts.map(({ attributes, error }) => [attributes.subject, error?.message])).toEqual([
      ["technology", undefined],
      ["foo_bar", "Subject unknown"],
    ]);
    expect(theTrace().spans.filter(({ error }) => error)).toHaveLength(1);
  });

  it("ties every log to a span that is there", () => {
    const { spans, logs } = theTrace();
    const ids = new Set(spans.map(({ spanId }) => spanId));
    expect(logs.filter(({ spanId }) => spanId === null || !ids.has(spanId))).toEqual([]);
    expect(output.uncorrelatedLogs).toEqual([]);
  });

  it("ties the logs of console and of pino to the span they were written in", () => {
    const { spans, logs } = theTrace();
    const spanOf = (text: string) => {
      const log = logs.find(({ body }) => body.includes(text));
      const span = spans.find(({ spanId }) => spanId === log?.spanId);
      return span && `${span.service} ${span.name} ${span.attributes.subject ?? ""}`.trim();
    };
    expect(spanOf("GET /think for")).toBe("thinker-api aws.lambda");
    expect(spanOf("microservice answered")).toBe("thinker-api aws.lambda");
    expect(spanOf("thinking about 2 subjects")).toBe("thinker-microservice aws.lambda");
    expect(spanOf("thinking about technology")).toBe("thinker-microservice think technology");
    expect(spanOf("found a thought")).toBe("thinker-microservice think technology");
    expect(spanOf("thinking about foo_bar")).toBe("thinker-microservice think foo_bar");
    expect(spanOf("no thought")).toBe("thinker-microservice think foo_bar");
  });

  it("has balanced books", () => {
    expect(output.ledger).toHaveLength(2);
    for (const { events, unaccounted } of output.ledger) {
      expect(events).toBeGreaterThan(5);
      expect(unaccounted).toBe(0);
    }
  });

  function theTrace() {
    const [trace] = output.traces;
    if (!trace) throw new Error("no trace");
    return trace;
  }
});

describe("npm start", () => {
  it("answers questions about what went through the forwarder, also after the round is shown", async () => {
    const { child, ended, until, stdout } = start();
    await until("ledger: ");
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout())?.[0];
    const get = async <Answer>(path: string) => (await (await fetch(`${url}${path}`)).json()) as Answer;
    const { traces } = await get<ApiTraces>(`/api/traces?query=${encodeURIComponent("status:error @subject:foo_bar")}`);
    expect(traces).toMatchObject([{ service: "thinker-api", services: ["thinker-api", "thinker-microservice"] }]);
    const trace = await get<ApiTrace>(`/api/traces/${traces[0]?.traceId}`);
    const failed = trace.spans.find(({ error }) => error);
    expect(failed).toMatchObject({ name: "think", resource: "foo_bar", error: { message: "Subject unknown" } });
    expect(failed?.error?.stack).toContain("Error: Subject unknown");
    const logs = trace.logs.filter(({ spanId }) => spanId === failed?.spanId);
    expect(logs).toMatchObject([
      { severity: "info" },
      { severity: "error", message: expect.stringContaining("no thought") },
    ]);
    const { nodes, edges } = await get<ApiServiceMap>("/api/service-map");
    expect(nodes.map(({ name }) => name)).toEqual(["thinker-api", "thinker-microservice"]);
    expect(edges).toMatchObject([{ from: "thinker-api", to: "thinker-microservice" }]);
    const { functions } = await get<ApiFunctions>("/api/functions");
    expect(functions).toMatchObject([
      { name: "thinker-api", coldStarts: 1, errors: 0 },
      { name: "thinker-microservice", coldStarts: 1, errors: 0 },
    ]);
    expect((await get<ApiLedger>("/api/ledger")).totals).toMatchObject({ unaccounted: 0 });
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
  });

  it("is an intake alone with --intake-only", async () => {
    const { child, ended, until, stdout } = start("--intake-only");
    await until("Ctrl-C");
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout())?.[0];
    expect(await hostsOf(child)).toEqual([]);
    expect(
      (await fetch(`${url}/v1/traces`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }))
        .status,
    ).toBe(200);
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("shows the trace as a tree, keeps running, and ends well at Ctrl-C without leaving a process", async () => {
    const { child, ended, until } = start();
    await until("ledger: ");
    const functions = await hostsOf(child);
    expect(functions).toHaveLength(3);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^intake +http:\/\/127\.0\.0\.1:\d+ /);
    expect(stdout).toMatch(/└─ thinker-microservice · think \/ foo_bar .* ms {2}✗ Error: Subject unknown\n/);
    expect(stdout).toContain("unaccounted 0");
    for (const pid of functions) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("ends with 2 and the usage for a wrong command line, and shows it for --help", async () => {
    expect(await start("--sometimes").ended).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/--sometimes.*\n+Usage/),
    });
    expect(await start("--help").ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage/), stderr: "" });
  });

  it("ends with 1 and a remedy when its port is in use", async () => {
    const first = start();
    await first.until("intake");
    const port = /127\.0\.0\.1:(\d+)/.exec(first.stdout())?.[1] ?? "";
    const second = await start("--once", "--json", "--port", port).ended;
    expect(second).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/port \d+ is in use\n.*--port N/),
    });
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(0);
  });
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(...args: string[]) {
  const child = spawn(process.execPath, ["dist/cli/main.mjs", "start", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, ...output })));
  return { child, ended, stdout: () => output.stdout, until };

  function until(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => output.stdout.includes(text) && resolve();
      child.stdout.on("data", look);
      child.once("close", () => reject(new Error(`ended without "${text}": ${output.stderr}`)));
      look();
    });
  }
}

/** The process ids of the functions that a command started. */
async function hostsOf({ pid }: ChildProcess): Promise<number[]> {
  const ps = spawn("ps", ["-o", "pid=,ppid=,args=", "-A"], { stdio: ["ignore", "pipe", "ignore"] });
  let listing = "";
  for await (const text of ps.stdout.setEncoding("utf8")) listing += text;
  return listing
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && args.join(" ").includes("function-host"))
    .map(([id]) => Number(id));
}
