import { readEvent } from "../../src/sources/index.ts";
import { UnreadableEventError } from "../../src/sources/source.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { decodedEvents } from "../helpers/events.ts";

describe("readEvent", () => {
  it("reads a CloudWatch Logs subscription", () => {
    const { events, dropped, batches } = readEvent(aDelivery(["first", "second"]));
    expect({ events, dropped }).toEqual({ events: 2, dropped: {} });
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
    expect(() => readEvent(event)).toThrow(UnreadableEventError);
    expect(() => readEvent(event)).toThrow(
      "the event is of no known kind; the forwarder reads: CloudWatch Logs subscription",
    );
  });
});
