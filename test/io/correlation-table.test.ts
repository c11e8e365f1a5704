import { CorrelationTable, type Patience, type TableUse } from "../../src/io/correlation-table.ts";
import type { RememberedRequest } from "../../src/telemetry.ts";
import { startTableServer, TABLE, type TableServer } from "../helpers/table-server.ts";

const STREAM = '["123456789012","/aws/lambda/thinker","2026/11/21/[$LATEST]0123"]';
const PATIENT: Patience = { waitMs: 20_000, writeMs: 20_000, lookMs: 5, pauseMs: 60_000 };

const idOf = (index: number): string => `aaaaaaaa-0000-4000-8000-${String(index).padStart(12, "0")}`;

function aRequest(index = 1, given: Partial<RememberedRequest> = {}): RememberedRequest {
  return {
    stream: STREAM,
    requestId: idOf(index),
    traceId: "6b00f9d500000000414ae78d188f3825",
    spanId: "651c77517ea37a55",
    service: "thinker",
    env: "dev",
    version: "",
    strength: 5,
    fromUnixMs: 1_795_226_069_000,
    toUnixMs: 1_795_226_070_000,
    ...given,
  };
}

describe("the table of traces", () => {
  let server: TableServer;
  let warnings: string[];
  let counted: Record<string, number>[];
  beforeEach(async () => {
    server = await startTableServer();
    Object.assign(process.env, server.environment);
    warnings = [];
    counted = [];
  });
  afterEach(() => server.stop());

  /** A process that uses the table. */
  function aTable(patience: Partial<Patience> = {}, correlationHoldMs = 0): CorrelationTable {
    const settings = { correlationTable: TABLE, correlationHoldMs };
    return new CorrelationTable(settings, (problem) => warnings.push(problem), { ...PATIENT, ...patience });
  }
  function use(table: CorrelationTable): TableUse {
    const books: { correlationTable?: Record<string, number> } = {};
    const delivery = table.begin(books, Date.now() + 60_000);
    counted.push(books.correlationTable as Record<string, number>);
    return delivery;
  }
  /** Of all deliveries. */
  function outcomes(): Record<string, number> {
    const sum: Record<string, number> = {};
    for (const counts of counted) for (const [name, by] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + by;
    return sum;
  }

  async function tell(...requests: RememberedRequest[]): Promise<void> {
    const delivery = use(aTable());
    for (const request of requests) delivery.remember(request);
    await delivery.settle();
  }

  it("tells another process what one was told, with one write and one read", async () => {
    await tell(aRequest(1), aRequest(2, { spanId: "", strength: 2, version: "1.10" }));
    const found = await use(aTable()).recall(STREAM, [idOf(1), idOf(2), idOf(3)]);
    expect(found.toSorted((a, b) => a.requestId.localeCompare(b.requestId))).toEqual([
      aRequest(1),
      aRequest(2, { spanId: "", strength: 2, version: "1.10" }),
    ]);
    expect(server.calls).toEqual(["BatchWriteItem 2", "BatchGetItem 3"]);
    expect(outcomes()).toEqual({ told: 2, asked: 3, found: 2 });
  });

  it("knows nothing of a request of that id in another log stream", async () => {
    await tell(aRequest());
    expect(await use(aTable()).recall("another", [idOf(1)])).toEqual([]);
  });

  it("keeps the strongest of what one delivery tells of a request", async () => {
    await tell(aRequest(1), aRequest(1, { strength: 2, spanId: "" }));
    expect(await use(aTable()).recall(STREAM, [idOf(1)])).toEqual([aRequest(1)]);
    await tell(aRequest(1, { strength: 2, spanId: "" }), aRequest(1));
    expect(await use(aTable()).recall(STREAM, [idOf(1)])).toEqual([aRequest(1)]);
  });

  it("lets what it was told expire after the longest time that a delivery takes", async () => {
    await tell(aRequest());
    const [item] = [...server.items.values()];
    const hours = (Number(item?.expires?.N) - Date.now() / 1_000) / 3_600;
    expect(Math.round(hours)).toBe(6);
  });

  it("writes nothing where nothing was told", async () => {
    await use(aTable()).settle();
    expect(server.calls).toEqual([]);
  });

  it("asks for no more than a call takes, and tells no more", async () => {
    await tell(...Array.from({ length: 30 }, (_, index) => aRequest(index)));
    await use(aTable()).recall(
      STREAM,
      Array.from({ length: 130 }, (_, index) => idOf(index)),
    );
    expect(server.calls).toEqual(["BatchWriteItem 25", "BatchGetItem 100"]);
    expect(outcomes()).toMatchObject({ told: 25, untold: 5 });
  });

  it("asks again for what was throttled", async () => {
    server.faulty("unprocessed", "", 4);
    await tell(aRequest(1), aRequest(2), aRequest(3));
    expect(server.calls.slice(0, 3)).toEqual(["BatchWriteItem 3", "BatchWriteItem 2", "BatchWriteItem 1"]);
    server.faulty("unprocessed", "BatchGetItem", 2);
    const found = await use(aTable()).recall(STREAM, [idOf(1), idOf(2), idOf(3)]);
    expect(found).toHaveLength(3);
    expect(outcomes()).toEqual({ told: 3, asked: 3, found: 3 });
  });

  it("gives up on what is throttled for ever, and counts it", async () => {
    server.faulty("unprocessed");
    const delivery = use(aTable({ waitMs: 60, writeMs: 60 }));
    expect(await delivery.recall(STREAM, [idOf(1)])).toEqual([]);
    delivery.remember(aRequest());
    await delivery.settle();
    expect(outcomes()).toEqual({ asked: 1, late: 1, untold: 1 });
  });

  it("waits only for a moment in all, then takes a rest from asking", async () => {
    server.faulty("hang");
    const table = aTable({ waitMs: 30, writeMs: 30 });
    for (let index = 0; index < 3; index++) expect(await use(table).recall(STREAM, [idOf(index)])).toEqual([]);
    const delivery = use(table);
    expect(await delivery.recall(STREAM, [idOf(7)])).toEqual([]);
    delivery.remember(aRequest());
    await delivery.settle();
    expect(outcomes()).toEqual({ asked: 3, late: 3, paused: 1, untold: 1 });
    expect(server.calls.filter((call) => call.startsWith("BatchWrite"))).toEqual([]);
    expect(warnings).toEqual([
      "cannot use the table traces (CORRELATION_TABLE): timeout; no answer in time; a function in a VPC needs a gateway endpoint for DynamoDB",
    ]);
  });

  it("does not ask for a second slice when the first has used up the time", async () => {
    server.faulty("hang");
    const delivery = use(aTable({ waitMs: 30 }));
    await delivery.recall(STREAM, [idOf(1)]);
    await delivery.recall(STREAM, [idOf(2)]);
    expect(outcomes()).toEqual({ asked: 1, late: 1, paused: 1 });
  });

  it.each([
    [{ code: "AccessDeniedException" }, "dynamodb:BatchGetItem and dynamodb:BatchWriteItem"],
    [{ code: "ResourceNotFoundException" }, "there is no such table"],
    [{ code: "ValidationException" }, "partition key id"],
  ])("names the remedy for %j once, and goes on without", async (fault, remedy) => {
    server.faulty(fault);
    const table = aTable({ pauseMs: 0 });
    for (let index = 0; index < 2; index++) expect(await use(table).recall(STREAM, [idOf(index)])).toEqual([]);
    expect(outcomes()).toEqual({ asked: 2, failed: 2 });
    expect(warnings).toEqual([expect.stringContaining(remedy)]);
  });

  it("goes on without a table that is down", async () => {
    await server.stop();
    const delivery = use(aTable());
    expect(await delivery.recall(STREAM, [idOf(1)])).toEqual([]);
    delivery.remember(aRequest());
    await delivery.settle();
    expect(outcomes()).toEqual({ asked: 1, failed: 1, untold: 1 });
    expect(warnings).toHaveLength(1);
  });

  it("takes nothing from items that somebody else wrote", async () => {
    await tell(aRequest(1), aRequest(2), aRequest(3));
    const [one, two, three] = [...server.items.values()];
    Object.assign(one as object, { traceId: { S: "x" } });
    Object.assign(two as object, { requestId: { S: idOf(3) } });
    Object.assign(three as object, { strength: { S: "5" } });
    expect(await use(aTable()).recall(STREAM, [idOf(1), idOf(2), idOf(3)])).toEqual([]);
  });

  it("neither asks for nor tells what has a longer key than DynamoDB takes", async () => {
    const request = aRequest(1, { requestId: "x".repeat(2_100) });
    await tell(request);
    expect(await use(aTable()).recall(STREAM, [request.requestId])).toEqual([]);
    expect(server.calls).toEqual([]);
  });

  it("asks until another process has told what logs wait for, and then no longer", async () => {
    const delivery = use(aTable({}, 10_000));
    expect(delivery.holds).toBe(true);
    const waiting = delivery.await(STREAM, [idOf(1)]);
    await tell(aRequest());
    expect(await waiting).toEqual([aRequest()]);
  });

  it("asks no longer than logs may wait", async () => {
    expect(await use(aTable({}, 40)).await(STREAM, [idOf(1)])).toEqual([]);
    expect(server.calls.length).toBeGreaterThan(0);
    expect(use(aTable()).holds).toBe(false);
  });
});
