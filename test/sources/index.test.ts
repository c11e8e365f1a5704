import { readEvent } from "../../src/sources/index.ts";
import { UnreadableEventError } from "../../src/sources/source.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { decodedEvents } from "../helpers/events.ts";

const WHOLE = () => 0;

describe("readEvent", () => {
  it("reads a CloudWatch Logs subscription", async () => {
    const parts = [];
    for await (const part of readEvent(aDelivery(["first", "second"]), WHOLE)) parts.push(part);
    expect(parts).toMatchObject([{ events: 2, dropped: {} }]);
    const batches = parts.flatMap((part) => part.batches);
    expect(decodedEvents(batches).map(({ message }) => message)).toEqual(["first", "second"]);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "awslogs"],
    ["a number", 7],
    ["an array", [{ awslogs: {} }]],
    ["an empty object", {}],
    ["an event of another service", { Records: [{ s3: {} }] }],
  ])("says that %s is of no known kind, and which kinds there are", (_, event) => {
    expect(() => readEvent(event, WHOLE)).toThrow(UnreadableEventError);
    expect(() => readEvent(event, WHOLE)).toThrow(
      "the event is of no known kind; the forwarder reads: CloudWatch Logs subscription",
    );
  });
});
