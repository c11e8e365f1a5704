import { messageOf } from "../../src/formats/message.ts";
import { readTelemetry } from "../../src/pipeline.ts";
import type { RequestMemory } from "../../src/transforms/recollection.ts";
import { aDelivery, anEnvelope, deliveryOf } from "../helpers/deliveries.ts";
import { linkOf } from "../helpers/links.ts";
import { aPayload } from "../helpers/payloads.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

const [A, B, C] = ["a", "b", "c"].map((letter) => `${letter.repeat(8)}-d7c3-4384-96ee-476da62d3ad6`) as [
  string,
  string,
  string,
];
/** Environments that take several requests at once write their lines in JSON. */
const platform = (type: string, requestId: string): string =>
  JSON.stringify({ time: "2026-11-21T01:53:45.858Z", type: `platform.${type}`, record: { requestId } });
const line = (text: string, id: string): string => `2026-11-21T01:53:45.858Z\t${id}\tINFO\t${text}\n`;
const trace = (id: string, traceId: string): string => aPayload({ trace_id: traceId, meta: { request_id: id } });
/** More than a slice, in lines of a request. */
const filling = (id: string, bytes: number): string[] =>
  Array.from({ length: Math.ceil(bytes / 1_000) }, () => line("x".repeat(1_000), id));

interface Log {
  message: string;
  traceId: string;
  method: string;
}

/** All logs in the order in which they are handed on, and how many events were read. */
async function read(
  event: object,
  memory: RequestMemory = {},
): Promise<{ logs: Log[]; events: number; error: string }> {
  const logs: Log[] = [];
  let events = 0;
  let error = "";
  try {
    for await (const reading of readTelemetry(event, A_FORWARDER, [], { memory })) {
      events += reading.events;
      for (const { logs: records, slice } of reading.telemetry)
        for (const record of records)
          logs.push({
            message: messageOf(record, slice),
            traceId: linkOf(record).traceId.slice(-2),
            method: record.linkMethod,
          });
    }
  } catch (thrown) {
    error = (thrown as Error).message;
  }
  return { logs, events, error };
}

/** Requests A and B at once; A's trace comes in another slice than its first lines. */
const interleaved = [
  platform("start", C),
  trace(C, "cc"),
  platform("report", C),
  platform("start", A),
  line('first \u00e9 "quoted"', A),
  platform("start", B),
  ...filling(B, 70_000),
  trace(B, "bb"),
  platform("report", B),
  platform("start", C),
  ...filling(C, 70_000),
  trace(A, "aa"),
  platform("report", A),
];

describe("a log of a request that goes on in the next slice of its delivery", () => {
  it("waits for its trace, and keeps its bytes", async () => {
    const { logs, events } = await read(aDelivery(interleaved));
    expect(events).toBe(interleaved.length);
    const first = logs.find(({ message }) => message.includes("first"));
    expect(first).toEqual({ message: interleaved[4], traceId: "aa", method: "remembered" });
    expect(logs.map(({ message }) => message).sort()).toEqual(
      interleaved.filter((message) => !message.startsWith('{"traces"')).sort(),
    );
    expect(logs.filter(({ message, traceId }) => message.includes(A) && traceId !== "aa")).toEqual([]);
  });

  it("goes on as it is where no trace came by the end of the delivery, and waits for no other delivery", async () => {
    const memory: RequestMemory = {};
    const messages = interleaved.filter((message) => message !== trace(A, "aa"));
    const { logs } = await read(aDelivery(messages), memory);
    expect(logs).toHaveLength(messages.filter((message) => !message.startsWith('{"traces"')).length);
    expect(logs.find(({ message }) => message.includes("first"))?.method).toBe("");
    expect((await read(aDelivery(["x"]), memory)).logs).toHaveLength(1);
  });

  it("is handed on before a delivery that is damaged behind it fails", async () => {
    const json = anEnvelope(interleaved);
    const { logs, events, error } = await read(deliveryOf(`${json.slice(0, -2)},{"id":1`));
    expect(error).not.toBe("");
    expect(logs.length + 3).toBeGreaterThanOrEqual(events);
  });

  it("waits for nothing where its delivery is read no further", async () => {
    const memory: RequestMemory = {};
    for await (const { telemetry } of readTelemetry(aDelivery(interleaved), A_FORWARDER, [], { memory })) {
      expect(telemetry.length).toBeGreaterThan(0);
      break;
    }
    expect((await read(aDelivery(["x"]), memory)).logs.map(({ message }) => message)).toEqual(["x"]);
  });

  it("does not wait where many bytes wait already", async () => {
    const big = [
      platform("start", C),
      trace(C, "cc"),
      platform("report", C),
      platform("start", A),
      ...Array.from({ length: 14 }, () => [platform("start", B), ...filling(A, 50_000), platform("report", B)]).flat(),
      trace(A, "aa"),
      platform("report", A),
    ];
    const { logs } = await read(aDelivery(big));
    expect(logs).toHaveLength(big.length - 2);
    const ofA = logs.filter(({ message }) => message.includes(A));
    const linked = ofA.filter(({ traceId }) => traceId === "aa").length;
    expect(linked).toBeGreaterThan(450);
    expect(linked).toBeLessThan(600);
    expect(ofA.filter(({ method }) => method === "").length).toBe(ofA.length - linked);
  });
});
