/** That the servers misbehave as they are told, and know what they took. */
import { Faults, INTAKE_FAULTS, type IntakeFaultName } from "./faults.ts";
import type { Caller } from "./faulty-server.ts";
import { startFaultyServer } from "./faulty-server.ts";
import { newHistory, newInvocation } from "./history.ts";
import { Intake } from "./intake.ts";

const KEY = "a key";
/** More than one packet carries. */
const ITEMS = [{ id: "1", message: "x".repeat(200_000) }];

/** What a client sees of one request, and what the intake says of it. */
async function post(fault: IntakeFaultName): Promise<{ seen: string; accepted: string[]; retryAfter: string | null }> {
  const history = newHistory();
  const faults = new Faults();
  faults.switchOn({ at: "logs", fault, after: 0, calls: 1 });
  let onEnd: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve;
  });
  const caller: Caller = {
    beginCall: () => ({ invocation: newInvocation(1, undefined), reach: async () => false, end: onEnd }),
    meets: () => {},
    report: (problem) => history.oddities.push(problem),
  };
  const server = await startFaultyServer(caller, new Intake(history, faults, new Set([KEY])));
  const body = JSON.stringify(ITEMS);
  const signal = AbortSignal.timeout(600);
  let seen: string;
  let retryAfter: string | null = null;
  try {
    const url = `http://127.0.0.1:${server.port}/api/v2/logs`;
    const answer = await fetch(url, { method: "POST", headers: { "dd-api-key": KEY }, body, signal });
    await answer.text();
    seen = `HTTP ${answer.status}`;
    retryAfter = answer.headers.get("retry-after");
  } catch {
    seen = signal.aborted ? "no end" : "broken off";
  }
  await ended;
  await server.stop();
  expect(history.oddities).toEqual([]);
  return { seen, accepted: history.acceptances.map(({ answer }) => answer), retryAfter };
}

describe("the intake of the fault suite", () => {
  const statuses = (Object.keys(INTAKE_FAULTS) as IntakeFaultName[]).filter((name) => name.startsWith("HTTP "));

  it.each(statuses)("answers %s and takes nothing", async (name) => {
    const { seen, accepted, retryAfter } = await post(name);
    expect(seen).toBe(name.slice(0, "HTTP 000".length));
    expect(accepted).toEqual([]);
    if (name.includes("in seconds")) expect(retryAfter).toBe("1");
    else if (name.includes("as a date")) expect(Date.parse(retryAfter ?? "") - Date.now()).toBeLessThan(2_000);
    else expect(retryAfter).toBeNull();
  });

  it.each<[IntakeFaultName, string, string[]]>([
    ["reset before the body", "broken off", []],
    ["reset in the body", "broken off", []],
    ["reset, not taken", "broken off", []],
    ["reset, taken", "broken off", ["reset, taken"]],
    ["hang, not taken", "no end", []],
    ["hang, taken", "no end", ["hang, taken"]],
    ["endless answer", "no end", ["endless answer"]],
    ["answer cut in its headers", "broken off", ["answer cut in its headers"]],
    ["slow answer", "HTTP 202", ["whole"]],
  ])("does as told at %s", async (name, seen, accepted) => {
    expect(await post(name)).toMatchObject({ seen, accepted });
  });

  it("has every fault in these tests", () => {
    expect(statuses.length + 9).toBe(Object.keys(INTAKE_FAULTS).length);
  });
});
