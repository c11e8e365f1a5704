import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

const bench = path.join(__dirname, "../../bench");

describe("npm run scale", () => {
  it("says for each load what it takes, costs, and how it bears a burst", async () => {
    const { code, stdout } = await scale("--events-per-second", "1000,1000000");
    expect(code).toBe(0);
    const rows = stdout.split("\n").filter((line) => /^\| 1 000/.test(line));
    expect(rows).toHaveLength(6);
    expect(stdout).toMatch(/^Deliveries such as lambda-10k: 162 log events, /);
    expect(stdout).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("knows every delivery that is measured", async () => {
    const baseline = JSON.parse(readFileSync(path.join(bench, "baseline.json"), "utf8"));
    const names = Object.keys(baseline.figures).flatMap((id) => /^requests\.(.+)/.exec(id)?.[1] ?? []);
    const text = readFileSync(path.join(bench, "../docs/performance.md"), "utf8");
    const figures = await called("measured.mjs", "measured", text, baseline);
    expect(Object.keys(figures)).toEqual(expect.arrayContaining(names));
    expect(names.length).toBeGreaterThan(5);
  });

  it.each([
    [["--delivery", "lambda-2k"], "--delivery must be one of lambda-1k"],
    [["--events-per-second", "many"], "--events-per-second must be numbers above 0"],
    [["--memory", "0"], "--memory must be a number above 0"],
    [["--burst", "often"], "--burst must be as 10x60"],
    [["--shards", "2"], "--shards"],
  ])("refuses %j, and says why", async (args, problem) => {
    expect(await scale(...args)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(problem) });
  });
});

describe("what a load takes", () => {
  const figure = { events: 100, bytesIn: 10_000, cpuMs: 5, requests: 16, outPerIn: 1.2 };
  const load = { eventsPerSecond: 100_000, figure, memoryMb: 1_769, intakeMs: 50, slowdown: 2 };

  it("is executions for as long as a delivery takes, with its waits for the intake one after the other", async () => {
    const needs = await called("model.mjs", "capacity", load);
    expect(needs).toMatchObject({ deliveriesPerSecond: 1_000, durationMs: 110, concurrency: 110, bytesPerSecond: 1e7 });
  });

  it("is longer with less memory than a whole processor takes, and no shorter with more", async () => {
    const cpuMs = async (memoryMb: number) =>
      (await called("model.mjs", "capacity", { ...load, memoryMb, intakeMs: 1e-9 })).durationMs;
    expect(await cpuMs(884.5)).toBeCloseTo(20);
    expect(await cpuMs(3_538)).toBeCloseTo(10);
  });

  it("is shards for twice the bytes, the records, or the executions that read them, whichever are more", async () => {
    const shards = async (more: object) => (await called("model.mjs", "capacity", { ...load, ...more })).shards;
    const light = { cpuMs: 0.001, requests: 0.001 };
    expect(await shards({ figure: { ...figure, ...light, bytesIn: 5_000 } })).toBe(10);
    expect(await shards({ figure: { ...figure, ...light, bytesIn: 10, events: 50 } })).toBe(4);
    expect(await shards({ figure: { ...figure, cpuMs: 100 } })).toBeGreaterThan(40);
    expect(await shards({ eventsPerSecond: 1 })).toBe(1);
  });
});

describe("a burst", () => {
  const steady = {
    deliveriesPerSecond: 100,
    durationMs: 100,
    gainPerSecond: 1_000,
    burst: { factor: 10, seconds: 60 },
  };

  it("waits for nothing while there are executions for it", async () => {
    expect(await called("simulation.mjs", "simulated", { ...steady, limit: 100 })).toEqual({
      mostWaiting: 0,
      longestWaitSeconds: 0,
      caughtUpSeconds: 0,
    });
  });

  it("waits where there are not, and loses nothing: what waited is done at the rate that is left", async () => {
    const { mostWaiting, longestWaitSeconds, caughtUpSeconds } = await called("simulation.mjs", "simulated", {
      ...steady,
      limit: 50,
    });
    // 1,000 come and 500 are done each second; afterwards 400 more than what comes.
    expect(mostWaiting).toBeCloseTo(30_000);
    expect(longestWaitSeconds).toBeCloseTo(60);
    expect(caughtUpSeconds).toBe(74);
  });

  it("waits for a stream that takes no more, however many read it", async () => {
    const { caughtUpSeconds } = await called("simulation.mjs", "simulated", {
      ...steady,
      limit: 1_000,
      intakePerSecond: 200,
    });
    // 800 a second are too many, and 100 a second are made up for.
    expect(caughtUpSeconds).toBe(479);
  });

  it("is never caught up with where there are executions for the usual load alone", async () => {
    const { caughtUpSeconds } = await called("simulation.mjs", "simulated", { ...steady, limit: 10 });
    expect(caughtUpSeconds).toBe("Infinity");
  });
});

function scale(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return run([path.join(bench, "scale.mjs"), ...args]);
}

/** The answer of a function of bench/scale, called in a process that can import ES modules. */
async function called(file: string, name: string, ...args: unknown[]) {
  const program = `
    const module = await import(process.argv[1]);
    const answer = module[process.argv[2]](...JSON.parse(process.argv[3]));
    process.stdout.write(JSON.stringify(answer, (_, value) => (value === Infinity ? "Infinity" : value)));
  `;
  const given = [path.join(bench, "scale", file), name, JSON.stringify(args)];
  const { stdout, stderr } = await run(["--input-type=module", "-e", program, ...given]);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

function run(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });
}
