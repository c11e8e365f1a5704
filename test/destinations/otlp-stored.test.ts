import fc from "fast-check";
import { bodyOf } from "../../src/delivery/bisect.ts";
import { halves } from "../../src/delivery/halves.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import { otlpDestinations } from "../../src/destinations/otlp-destinations.ts";
import type { OtlpProtocol } from "../../src/destinations/otlp-settings.ts";
import { storedItemsOf } from "../../src/destinations/stored-items.ts";
import { type Body as Batch, bodiesFor } from "../helpers/bodies.ts";
import { aFailedBatch } from "../helpers/failed-batches.ts";
import { type Decoded, decodeOtlp, decodeOtlpJson } from "../helpers/otlp-published.ts";
import { payloadLine } from "../helpers/payload-lines.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { A_FORWARDER, telemetryOf } from "../helpers/telemetry.ts";

const PROTOCOLS: OtlpProtocol[] = ["http/protobuf", "http/json"];

function destinations(protocol: OtlpProtocol): Destination[] {
  const to = { backend: "otlp", url: "https://collector", protocol, timeoutMs: 1_000 };
  const signals = (["logs", "traces"] as const).map((signal) => ({ ...to, signal }));
  return otlpDestinations({ signals, source: "", tags: "", jsonLogs: "attributes" }, A_FORWARDER);
}

/** What is in a request, one after another, each with what it is of. */
function contents({ kind }: Destination, protocol: OtlpProtocol, body: Uint8Array): Decoded[] {
  const request = (protocol === "http/json" ? decodeOtlpJson : decodeOtlp)(kind as "logs", body);
  if (kind === "traces") return request.resourceSpans;
  return request.resourceLogs.flatMap(({ resource, scopeLogs }: Decoded) =>
    scopeLogs.flatMap(({ scope, logRecords }: Decoded) =>
      logRecords.map((record: Decoded) => ({ resource, scope, record })),
    ),
  );
}

const line = fc.oneof(payloadLine, fc.json(), fc.string({ unit: "binary", maxLength: 40 }), fc.constant('"},{\\"]}]}'));
/** Some log streams' slices. */
const slices = fc.array(fc.array(line, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 });

describe("stored batches of OTLP", () => {
  it("are taken apart and joined, halved and sent again without loss, each item with its resource", () => {
    fc.assert(
      fc.property(slices, fc.constantFrom(...PROTOCOLS), (given, protocol) => {
        const telemetry = given.map((messages, index) => telemetryOf(messages, { logGroup: `/aws/lambda/f${index}` }));
        for (const destination of destinations(protocol)) {
          const { name, kind } = destination;
          for (const { body, items } of bodiesFor(destination, telemetry)) {
            const whole = contents(destination, protocol, body);
            const found = storedItemsOf(name).itemsIn(body);
            expect(found).toHaveLength(items);
            expect(contents(destination, protocol, bodyOf(found, destination))).toEqual(whole);
            const alone = found.map((item) => bodyOf([item], destination));
            expect(alone.flatMap((one) => contents(destination, protocol, one))).toEqual(whole);
            const cut = halves(aFailedBatch("", { kind, destination: name, items, body }));
            if (!cut) continue;
            expect(cut.flatMap((half) => contents(destination, protocol, half.body))).toEqual(whole);
            expect(cut.map((half) => storedItemsOf(name).itemsIn(half.body).length)).toEqual(
              cut.map((half) => half.items),
            );
          }
        }
      }),
      { numRuns: propertyRuns(80) },
    );
  });

  it("have the resource once for all records of it, also when they are joined again", () => {
    for (const protocol of PROTOCOLS) {
      const [logs] = destinations(protocol) as [Destination];
      const [batch] = bodiesFor(logs, [telemetryOf(["a", "b", "c"])]);
      const body = batch?.body as Buffer;
      const joined = Buffer.from(bodyOf(storedItemsOf("otlp-logs").itemsIn(body), logs));
      expect(joined.equals(body)).toBe(true);
      expect(joined.toString("latin1").split("cloud.account.id")).toHaveLength(2);
    }
  });

  it("that are damaged, or of something else, are for a person", () => {
    const [logs, traces] = destinations("http/protobuf") as [Destination, Destination];
    const [batch] = bodiesFor(logs, [telemetryOf(["a", "b"])]);
    const cut = (batch as Batch).body.subarray(0, -3);
    for (const body of [
      cut,
      Buffer.from('{"resourceLogs":[{}]}'),
      Buffer.from("[]"),
      Buffer.from('{"resourceLogs":['),
    ]) {
      expect(() => storedItemsOf(logs.name).itemsIn(body)).toThrow("keep it for a person");
    }
    for (const body of [cut, Buffer.from('{"resourceSpans":[}'), Buffer.from("[]")]) {
      expect(() => storedItemsOf(traces.name).itemsIn(body)).toThrow("keep it for a person");
    }
  });
});
