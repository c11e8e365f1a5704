import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { type Delivery, deliveriesOf, type LogEvent } from "../../src/cli/deliveries.ts";

const stream = { owner: "123456789012", logGroup: "/aws/lambda/a", logStream: "2026/11/21/[$LATEST]0" };

describe("deliveries of a log stream", () => {
  it("have the shape that CloudWatch Logs gives them", () => {
    const [delivery] = deliveriesOf(stream, [{ timestamp: 1795233914125, message: "é\n" }]);
    const json = gunzipSync(Buffer.from(delivery?.awslogs.data ?? "", "base64")).toString();
    expect(json).toMatch(/"logEvents":\[\{"id":"\d{56}","timestamp":1795233914125,"message":"é\\n"\}\]\}$/);
    expect(JSON.parse(json)).toMatchObject({
      messageType: "DATA_MESSAGE",
      ...stream,
      subscriptionFilters: [expect.any(String)],
    });
  });

  it("hold every event once and in order, with ids that grow, in no more than CloudWatch puts into one", () => {
    const events = fc.array(
      fc.record({ timestamp: fc.constant(1), message: fc.string({ maxLength: 9 }).map((text) => text.repeat(9_000)) }),
    );
    fc.assert(
      fc.property(events, (events) => {
        const deliveries = deliveriesOf(stream, events).map(envelopeOf);
        expect(deliveries.flatMap(({ logEvents }) => logEvents.map(({ message }) => message))).toEqual(
          events.map(({ message }) => message),
        );
        const ids = deliveries.flatMap(({ logEvents }) => logEvents.map(({ id }) => id));
        expect([...new Set(ids)].sort()).toEqual(ids);
        for (const { logEvents } of deliveries) {
          const bytes = logEvents.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0);
          expect(logEvents.length === 1 || bytes <= 1_048_576).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("are cut at 10,000 events, and are none without events", () => {
    const events = Array.from({ length: 20_001 }, () => ({ timestamp: 1, message: "" }));
    expect(deliveriesOf(stream, events).map((delivery) => envelopeOf(delivery).logEvents.length)).toEqual([
      10_000, 10_000, 1,
    ]);
    expect(deliveriesOf(stream, [])).toEqual([]);
  });

  it("continue the ids of the deliveries before", () => {
    const event = { timestamp: 5, message: "" };
    const [first, second] = [deliveriesOf(stream, [event]), deliveriesOf(stream, [event], 1)];
    const ids = [...first, ...second].flatMap((delivery) => envelopeOf(delivery).logEvents.map(({ id }) => id));
    expect(BigInt(ids[1] ?? 0)).toBe(BigInt(ids[0] ?? 0) + 1n);
  });
});

function envelopeOf({ awslogs }: Delivery): { logEvents: (LogEvent & { id: string })[] } {
  return JSON.parse(gunzipSync(Buffer.from(awslogs.data, "base64")).toString());
}
