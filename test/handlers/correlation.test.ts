import type { Context } from "aws-lambda";
import { createForwarder } from "../../src/handlers/forwarder.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { aPayload } from "../helpers/payloads.ts";
import { startTableServer, TABLE, type TableServer } from "../helpers/table-server.ts";
import { A_KEY } from "../helpers/telemetry.ts";

const REQUEST = "5c7d7637-d7c3-4384-96ee-476da62d3ad6";
const TRACE = "6b00f9d500000000414ae78d188f3825";
const START = `START RequestId: ${REQUEST} Version: $LATEST\n`;
const REPORT = `REPORT RequestId: ${REQUEST}\tDuration: 1 ms\t\n`;
const line = `2026-11-21T01:53:45.858Z\t${REQUEST}\tINFO\tx\n`;
const named = aPayload({ meta: { request_id: REQUEST, "_dd.p.tid": TRACE.slice(0, 16) } });

describe("the forwarder", () => {
  let aws: TableServer;
  let intake: TestIntake;
  let output: string[];
  beforeEach(async () => {
    [aws, intake] = await Promise.all([startTableServer(), anIntake()]);
    Object.assign(process.env, aws.environment);
    output = [];
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      output.push(String(text));
      return true;
    });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all([aws.stop(), intake.stop()]);
  });

  it("counts links by what told them", async () => {
    const invoke = aForwarder();
    await invoke([START, named, line, "x", `[dd.trace_id=5 dd.span_id=6] x`]);
    await invoke([line, "x"]);
    expect(ledgers()).toMatchObject([
      { logs: 4, links: { "request-id": 2, "stream-position": 1, "own-ids": 1 }, unlinked: 0, unaccounted: 0 },
      { logs: 2, links: { remembered: 1 }, unlinked: 1, unaccounted: 0 },
    ]);
    expect(traceIds()).toEqual([TRACE, TRACE, TRACE, undefined, TRACE, undefined]);
  });

  it("ties logs to a trace that another process was told, by way of the table", async () => {
    await aForwarder({ CORRELATION_TABLE: TABLE })([START, named]);
    await aForwarder({ CORRELATION_TABLE: TABLE })([line, REPORT]);
    expect(ledgers()).toMatchObject([
      { correlationTable: { told: 1 } },
      { correlationTable: { asked: 1, found: 1 }, links: { remembered: 2 } },
    ]);
    expect(aws.calls).toEqual(["BatchWriteItem 1", "BatchGetItem 1"]);
    expect(traceIds()).toEqual([TRACE, TRACE, TRACE]);
  });

  it("calls nothing, and has nothing of it in the ledger, where no table is named", async () => {
    await aForwarder()([START, named]);
    expect(aws.calls).toEqual([]);
    expect(ledgers()[0]).not.toHaveProperty("correlationTable");
  });

  it("asks nothing of requests that begin and end in the delivery", async () => {
    await aForwarder({ CORRELATION_TABLE: TABLE })([START, named, line, REPORT, START, line, REPORT]);
    expect(aws.calls).toEqual([]);
  });

  it("delivers every log, unlinked, where the table does not answer", async () => {
    aws.faulty("hang");
    await aForwarder({ CORRELATION_TABLE: TABLE })([line, "the customer's secret"]);
    expect(intake.logs()).toMatchObject([{ message: line }, { message: "the customer's secret" }]);
    expect(ledgers()[0]).toMatchObject({ correlationTable: { asked: 1, late: 1 }, unlinked: 2, unaccounted: 0 });
    expect(output.join("")).not.toContain("secret");
  });

  it("delivers every log where the table is down, and says so once", async () => {
    await aws.stop();
    const invoke = aForwarder({ CORRELATION_TABLE: TABLE });
    await invoke([line]);
    await invoke([line]);
    expect(intake.logs()).toHaveLength(2);
    expect(ledgers()).toMatchObject([{ correlationTable: { failed: 1 } }, { correlationTable: { paused: 1 } }]);
    expect(output.filter((text) => text.includes("WARN"))).toHaveLength(1);
  });

  it("holds logs of a request that goes on until the table knows its trace", async () => {
    const waiting = aForwarder({ CORRELATION_TABLE: TABLE, CORRELATION_HOLD_MS: "10000" })([START, line]);
    await aForwarder({ CORRELATION_TABLE: TABLE })([named, REPORT]);
    await waiting;
    expect(traceIds()).toEqual([TRACE, TRACE, TRACE]);
    expect(ledgers()[1]).toMatchObject({ events: 2, logs: 2, links: { remembered: 2 }, unaccounted: 0 });
  });

  it("holds them no longer than it may, and sends them as they are", async () => {
    await aForwarder({ CORRELATION_TABLE: TABLE, CORRELATION_HOLD_MS: "50" })([START, line, "x"]);
    expect(intake.logs().map(({ message }) => message)).toEqual([START, line, "x"]);
    expect(ledgers()[0]).toMatchObject({ events: 3, logs: 3, unlinked: 3, unaccounted: 0 });
  });

  /** A process: its own memory. */
  function aForwarder(env: Record<string, string> = {}): (messages: string[]) => Promise<unknown> {
    const forward = createForwarder({
      DD_API_KEY: A_KEY,
      DD_URL: "127.0.0.1",
      DD_PORT: String(intake.port),
      DD_NO_SSL: "true",
      DD_TRACE_INTAKE_URL: `http://127.0.0.1:${intake.port}`,
      ...env,
    });
    return (messages) => forward(aDelivery(messages), {} as Context);
  }

  /** What the forwarder added. */
  function traceIds(): (string | undefined)[] {
    return intake.logs().map(({ dd }) => (dd as { trace_id?: string } | undefined)?.trace_id);
  }

  function ledgers() {
    return output.flatMap((text) => (text.includes('"ledger"') ? [JSON.parse(text).ledger] : []));
  }
});
