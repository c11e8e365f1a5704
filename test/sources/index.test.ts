import { readdirSync } from "node:fs";
import { readEvent, sources } from "../../src/sources/index.ts";
import { type Part, UnreadableEventError } from "../../src/sources/source.ts";
import { KINDS } from "../../src/sources/unknown-event.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { decodedEvents } from "../helpers/events.ts";
import { sampleEvent } from "../helpers/items.ts";
import { sampleReach } from "../helpers/sample-objects.ts";

const WHOLE = () => 0;

async function partsOf(event: unknown): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of readEvent(event, WHOLE, sampleReach)) parts.push(part);
  return parts;
}

describe("readEvent", () => {
  it("reads a CloudWatch Logs subscription", async () => {
    const parts = await partsOf(aDelivery(["first", "second"]));
    expect(parts).toMatchObject([{ events: 2, dropped: {} }]);
    const batches = parts.flatMap((part) => part.batches);
    expect(decodedEvents(batches).map(({ message }) => message)).toEqual(["first", "second"]);
  });

  const samples = readdirSync("events").filter((file) => file.endsWith(".json"));
  it.each(samples)("has exactly one source for the sample %s", async (file) => {
    const event = sampleEvent(file.slice(0, -".json".length));
    expect(sources.filter((source) => source.matches(event))).toHaveLength(1);
    expect((await partsOf(event)).reduce((sum, { events }) => sum + events, 0)).toBeGreaterThan(0);
  });

  it("has a sample for each source", () => {
    const isRead = (index: number): boolean =>
      samples.some((file) => sources[index]?.matches(sampleEvent(file.slice(0, -".json".length))));
    expect(KINDS.filter((_, index) => !isRead(index))).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ["nothing", undefined, "it has no keys"],
    ["null", null, "it has no keys"],
    ["a text", "awslogs", "it is no object"],
    ["a number", 7, "it is no object"],
    ["an array", [{ awslogs: {} }], "it is a list"],
    ["an empty object", {}, "it has no keys"],
    ["an event of another kind", { action: "x", retryAfter: 1 }, 'its keys: "action", "retryAfter"'],
    [
      "an event of another service",
      { Records: [{ eventSource: "aws:dynamodb", dynamodb: {} }] },
      'its keys: "Records"; its records are of "aws:dynamodb"',
    ],
    ["records that are no list", { Records: 7 }, 'its keys: "Records"'],
    ["records that are nothing", { Records: [null] }, 'its keys: "Records"'],
    ["keys that inherit", JSON.parse('{"__proto__":{"awslogs":1}}'), 'its keys: "__proto__"'],
  ])("says of %s what it looks like, and which kinds there are", async (_, event, shape) => {
    await expect(partsOf(event)).rejects.toThrow(UnreadableEventError);
    await expect(partsOf(event)).rejects.toThrow(
      `the event is of no known kind (${shape}); the forwarder reads: ${KINDS.join(", ")}`,
    );
  });

  it("has a name for each source", () => {
    expect(KINDS).toHaveLength(sources.length);
  });

  it("names a few keys of an event it does not know, and their beginnings", async () => {
    const event = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}${"k".repeat(9_999)}`, "v"]));
    const { message } = (await partsOf(event).catch((error: Error) => error as Error)) as Error;
    expect(message).toContain(" and 490 more");
    expect(message.length).toBeLessThan(1_000);
  });
});
