import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { readEvent } from "../../src/sources/index.ts";
import { type Part, UnreadableEventError } from "../../src/sources/source.ts";
import { A_STREAM, aDelivery, anEnvelope, deliveryOf } from "../helpers/deliveries.ts";
import { decodedEvents } from "../helpers/events.ts";

const SECRET = "hunter2-is-what-the-line-says";
const ENVELOPE = anEnvelope([`first ${SECRET}`, `second "${SECRET}"`, JSON.stringify({ list: [{ text: SECRET }] })]);
const GZIP = gzipSync(ENVELOPE);
const NAMES = `(log group /aws/lambda/thinker-microservice, log stream ${A_STREAM})`;

const withData = (data: unknown): unknown => ({ awslogs: { data } });
const withGzip = (bytes: Buffer): unknown => withData(bytes.toString("base64"));

async function partsOf(event: unknown): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of readEvent(event, () => 0)) parts.push(part);
  return parts;
}

async function errorOf(event: unknown): Promise<Error> {
  try {
    await partsOf(event);
  } catch (error) {
    return error as Error;
  }
  throw new Error("it was readable");
}

/** Reads it, or fails with an error that may be shown to anyone. */
async function readsOrExplains(event: unknown): Promise<void> {
  try {
    await partsOf(event);
  } catch (error) {
    expect(error).toBeInstanceOf(UnreadableEventError);
    expect((error as Error).message).not.toContain("hunter2");
  }
}

describe("a CloudWatch Logs subscription event", () => {
  it("keeps account, log group, log stream, ids and times", async () => {
    const [part] = await partsOf(aDelivery(["a line"]));
    expect(part?.batches).toMatchObject([
      { owner: "123456789012", logGroup: "/aws/lambda/thinker-microservice", logStream: A_STREAM },
    ]);
  });

  it("is read from several gzip members, as concatenated files have them", async () => {
    const members = Buffer.concat([gzipSync(ENVELOPE.slice(0, 100)), gzipSync(ENVELOPE.slice(100))]);
    expect(await partsOf(withGzip(members))).toMatchObject([{ events: 3 }]);
  });

  it("leaves out a control message, and counts it", async () => {
    const control = aDelivery([{ id: "", message: "CWL CONTROL MESSAGE: Checking health of destination Firehose." }], {
      messageType: "CONTROL_MESSAGE",
      owner: "CloudwatchLogs",
      logGroup: "",
      logStream: "",
    });
    expect(await partsOf(control)).toEqual([{ events: 1, dropped: { controlMessage: 1 }, batches: [] }]);
  });

  it.each<[string, unknown, string]>([
    ["data that is missing", { awslogs: {} }, "awslogs.data is not text, so not base64"],
    ["no object around it", { awslogs: null }, "awslogs.data is not text, so not base64"],
    ["data that is a number", withData(7), "awslogs.data is not text, so not base64"],
    ["empty data", withData(""), "awslogs.data is not base64"],
    [
      "data with a character outside the alphabet",
      withData(`${GZIP.toString("base64")}!`),
      "awslogs.data is not base64",
    ],
    ["data with padding in the middle", withData(`H4sI=${GZIP.toString("base64")}`), "awslogs.data is not base64"],
    ["JSON that was not compressed", withGzip(Buffer.from(ENVELOPE)), "awslogs.data is not gzip"],
    ["one byte", withGzip(Buffer.from([0x1f])), "awslogs.data is not gzip"],
    ["a gzip header alone", withGzip(GZIP.subarray(0, 8)), "awslogs.data is cut short: the gzip has no end"],
    [
      "damaged gzip",
      withGzip(Buffer.concat([GZIP.subarray(0, 12), Buffer.alloc(60, 0xff)])),
      "is not gzip: it is damaged",
    ],
    ["a text that is no JSON", deliveryOf("a line"), "the delivery is not JSON"],
    ["nothing compressed", deliveryOf(""), "the delivery is not JSON"],
    ["JSON with something behind it", deliveryOf(`${ENVELOPE}}`), "the delivery is not JSON"],
    ["JSON of another kind", deliveryOf('{"message":"hello"}'), "the delivery is JSON but not of CloudWatch Logs"],
    ["JSON that is no object", deliveryOf("null"), "the delivery is JSON but not of CloudWatch Logs"],
    [
      "log events that are no list",
      deliveryOf('{"messageType":"DATA_MESSAGE","logGroup":"g","logStream":"s","logEvents":{}}'),
      "the delivery is JSON but not of CloudWatch Logs",
    ],
  ])("says what is wrong with %s", async (_, event, problem) => {
    expect(await errorOf(event)).toBeInstanceOf(UnreadableEventError);
    expect((await errorOf(event)).message).toContain(problem);
  });

  it.each<[string, unknown, string]>([
    ["gzip that is cut short", withGzip(GZIP.subarray(0, -30)), "the gzip has no end"],
    ["gzip with a wrong checksum", withGzip(changed(GZIP, GZIP.length - 6)), "it is damaged"],
    ["gzip with a changed byte near its end", withGzip(changed(GZIP, GZIP.length - 20)), "it is damaged"],
    ["JSON that is cut short", deliveryOf(ENVELOPE.slice(0, -40)), "the delivery is cut short: its JSON has no end"],
    ["JSON with a damaged event", deliveryOf(ENVELOPE.replace('"timestamp":1', '"timestamp":x')), "is not JSON"],
    [
      "a messageType nobody knows",
      aDelivery(["x"], { messageType: "NEWS" }),
      "neither DATA_MESSAGE nor CONTROL_MESSAGE",
    ],
    [
      "an envelope without events",
      deliveryOf(JSON.stringify({ ...JSON.parse(ENVELOPE), logEvents: undefined })),
      "not of CloudWatch Logs",
    ],
  ])("names the log group and stream of %s", async (_, event, problem) => {
    expect((await errorOf(event)).message).toContain(problem);
    expect((await errorOf(event)).message).toContain(NAMES);
    expect((await errorOf(event)).message).not.toContain("hunter2");
  });

  describe("of more than two megabytes", () => {
    const messages = Array.from(
      { length: 30_000 },
      (_, index) => `line ${index} of a log that is long \u00e9 "quoted"`,
    );
    const large = gzipSync(anEnvelope(messages));
    const read = (parts: Part[]): number => parts.reduce((sum, { events }) => sum + events, 0);

    it("comes in parts, with every line in order", async () => {
      const found: string[] = [];
      let parts = 0;
      for await (const { batches } of readEvent(withGzip(large), (_, { length }) => length)) {
        found.push(...decodedEvents(batches).map(({ message }) => message));
        parts++;
      }
      expect(found).toEqual(messages);
      expect(parts).toBeGreaterThan(30);
    });

    it("comes as it is while another delivery is read, and before and after it", async () => {
      const others = messages.map((message) => message.toUpperCase());
      const deliveries = [messages, others, ["one"], messages];
      const found: string[][] = deliveries.map(() => []);
      const read = async (number: number): Promise<void> => {
        const event = withGzip(gzipSync(anEnvelope(deliveries[number] as string[])));
        for await (const { batches } of readEvent(event, (_, { length }) => length)) {
          found[number]?.push(...decodedEvents(batches).map(({ message }) => message));
        }
      };
      await Promise.all([read(0), read(1)]);
      await read(2);
      await read(3);
      expect(found).toEqual(deliveries);
    });

    it.each([
      ["cut short", large.subarray(0, -1_000)],
      ["damaged", changed(large, large.length - 2_000)],
    ])("is read up to where it is %s, and then explained", async (problem, bytes) => {
      const parts: Part[] = [];
      const reading = async (): Promise<void> => {
        // The size at the end tells that it is large.
        const whole = Buffer.concat([bytes, large.subarray(-4)]);
        for await (const part of readEvent(withGzip(whole), (_, { length }) => length)) parts.push(part);
      };
      await expect(reading()).rejects.toThrow(problem === "damaged" ? "is not gzip: it is damaged" : NAMES);
      await expect(reading()).rejects.toThrow(NAMES);
      expect(read(parts)).toBeGreaterThan(1_000);
    });
  });

  it("does not expand without end", async () => {
    const bomb = Buffer.concat(Array(9).fill(gzipSync(Buffer.alloc(32 * 1024 * 1024), { level: 1 })));
    expect((await errorOf(withGzip(bomb))).message).toMatch(/^awslogs.data expands to more than \d+ bytes$/);
  });

  it("says cut short wherever its JSON is cut", async () => {
    for (let length = 1; length < ENVELOPE.length; length++) {
      expect((await errorOf(deliveryOf(ENVELOPE.slice(0, length)))).message).toContain("the delivery is cut short");
    }
  });

  it("says cut short wherever its gzip is cut", async () => {
    for (let length = 2; length < GZIP.length; length++) {
      expect((await errorOf(withGzip(GZIP.subarray(0, length)))).message).toContain("awslogs.data is cut short");
    }
  });

  it("is read or explained, without its content, whichever character of its base64 changes", async () => {
    const data = GZIP.toString("base64");
    const change = fc.record({
      at: fc.nat(data.length - 1),
      to: fc.constantFrom(..."AZaz09+/=-_ \n\0é"),
      cut: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(change, ({ at, to, cut }) =>
        readsOrExplains(withData(data.slice(0, at) + to + data.slice(at + cut))),
      ),
    );
  });

  it("is read or explained, without its content, whichever byte of its gzip changes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(GZIP.length - 1), fc.nat(255), (at, to) =>
        readsOrExplains(withGzip(changed(GZIP, at, to))),
      ),
    );
  });

  it("is read or explained, without its content, whichever characters of its JSON change", async () => {
    const change = fc.record({
      at: fc.nat(ENVELOPE.length - 1),
      to: fc.constantFrom(
        "",
        '"',
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\n",
        "0",
        "x",
        '},{"id":"',
        ',"message":"',
      ),
      cut: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const json = changes.reduce((text, { at, to, cut }) => text.slice(0, at) + to + text.slice(at + cut), ENVELOPE);
        await readsOrExplains(deliveryOf(json));
      }),
      { numRuns: 500 },
    );
  });

  it("is explained when it is nested deeper than any stack", async () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    await readsOrExplains(deliveryOf(ENVELOPE.replace('"timestamp":', `"extra":${deep},"timestamp":`)));
    await readsOrExplains(deliveryOf(ENVELOPE.replace(/"message":"[^"]*"/, `"message":${deep}`)));
  });
});

function changed(bytes: Buffer, at: number, to = (bytes[at] as number) ^ 0x55): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = to;
  return copy;
}
