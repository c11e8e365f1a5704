import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import type { FailedBatch } from "../../src/delivery/failure-store.ts";
import {
  decodeStored,
  encodeStored,
  type LeftBehind,
  NewerVersionError,
  UnreadableObjectError,
} from "../../src/delivery/stored-object.ts";
import type { Kind } from "../../src/destinations/destination.ts";
import { propertyRuns } from "../helpers/property-runs.ts";

const SECRET = "hunter2";

function aBatch(given: Partial<FailedBatch> = {}): FailedBatch {
  return {
    kind: "logs",
    destination: "datadog-logs",
    items: 2,
    body: Buffer.from(`[{"message":"${SECRET}"},{"message":"é\\n"}]`),
    reason: "HTTP 503",
    answer: "",
    storedAtUnixMs: 1_795_226_069_000,
    ...given,
  };
}

/** A stored object with another header. */
function withHeader(given: Record<string, unknown>): Buffer {
  const [line] = gunzipSync(encodeStored(aBatch())).toString().split("\n") as [string];
  return gzipSync(`${JSON.stringify({ ...JSON.parse(line), ...given })}\n[{"message":"${SECRET}"}]`);
}

function errorOf(bytes: Uint8Array, kind: Kind = "logs"): Error {
  try {
    decodeStored(bytes, kind);
  } catch (error) {
    return error as Error;
  }
  throw new Error("it was read");
}

const text = fc.array(fc.nat(0xffff), { maxLength: 20 }).map((units) => String.fromCharCode(...units));
const batches: fc.Arbitrary<FailedBatch> = fc.record({
  kind: fc.constantFrom<Kind>("logs", "traces", "metrics"),
  destination: fc.string({ minLength: 1, maxLength: 20 }),
  items: fc.integer({ min: 1 }),
  body: fc.uint8Array({ maxLength: 300 }),
  reason: text,
  answer: text,
  storedAtUnixMs: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});

describe("a stored object", () => {
  it("gives back the batch, whatever is in it", () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const { body, ...header } = decodeStored(encodeStored(batch), batch.kind) as FailedBatch;
        expect({ ...header, body: new Uint8Array(body) }).toEqual(batch);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("is gzip of one line that a person can read, and the body as it is", () => {
    const batch = aBatch({ answer: '{"errors":[]}' });
    const content = gunzipSync(encodeStored(batch));
    const lineEnd = content.indexOf("\n");
    expect(content.subarray(0, lineEnd).toString()).toBe(
      '{"version":1,"destination":"datadog-logs","kind":"logs","items":2,"reason":"HTTP 503","answer":"{\\"errors\\":[]}","storedAtUnixMs":1795226069000}',
    );
    expect(content.subarray(lineEnd + 1)).toEqual(batch.body);
    expect(encodeStored(batch)).toEqual(encodeStored(batch));
  });

  it("is read by a person's copy too, which is no gzip any more", () => {
    const batch = aBatch();
    expect(decodeStored(gunzipSync(encodeStored(batch)), "logs")).toEqual(batch);
  });

  it("is unreadable when it is cut anywhere", () => {
    const whole = encodeStored(aBatch());
    for (let length = 0; length < whole.length; length++) {
      expect(errorOf(whole.subarray(0, length))).toBeInstanceOf(UnreadableObjectError);
    }
    expect(errorOf(whole.subarray(0, -1)).message).toContain("gzip that is cut short");
  });

  it("is the batch or unreadable when a byte of it is damaged, never another batch", () => {
    const whole = encodeStored(aBatch());
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = Uint8Array.from(whole, (byte, index) => (index === at ? byte ^ flip : byte));
        try {
          expect(decodeStored(damaged, "logs")).toEqual(aBatch());
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableObjectError);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it.each([
    ["version", undefined],
    ["version", 0],
    ["version", 1.5],
    ["version", "1"],
    ["destination", undefined],
    ["destination", ""],
    ["destination", 7],
    ["items", undefined],
    ["items", 0],
    ["items", -1],
    ["items", 1.5],
    ["items", "2"],
    ["items", 1e300],
    ["reason", undefined],
    ["reason", null],
    ["answer", undefined],
    ["answer", {}],
    ["storedAtUnixMs", undefined],
    ["storedAtUnixMs", -1],
    ["storedAtUnixMs", "2026-11-21"],
    ["kind", undefined],
    ["kind", "traces"],
    ["kind", ["logs"]],
  ])("is unreadable when its header says of %s %p", (field, value) => {
    const error = errorOf(withHeader({ [field]: value }));
    expect(error).toBeInstanceOf(UnreadableObjectError);
    if (field !== "kind") expect(error.message).toContain(field);
  });

  it("is unreadable where another kind belongs", () => {
    expect(errorOf(encodeStored(aBatch()), "traces")).toBeInstanceOf(UnreadableObjectError);
  });

  it("is left alone when a newer version wrote it, whatever else that changed", () => {
    const error = errorOf(withHeader({ version: 2, kind: "profiles", items: undefined }));
    expect(error).toBeInstanceOf(NewerVersionError);
    expect(error.message).toContain("version 2");
  });

  it("is unreadable when it would take more than 64 MB of memory", () => {
    expect(errorOf(gzipSync(Buffer.alloc(64 * 1024 * 1024 + 1), { level: 1 })).message).toContain("67108864 bytes");
  });

  it("is a batch, what a Datadog Forwarder left, or one of two errors, which show nothing of it", () => {
    const json = fc.oneof(
      fc.json(),
      fc.json().map((value) => `${value}\n[]`),
      fc.string(),
    );
    const content = json.map((value) => Buffer.from(`${value.slice(0, -1)}${SECRET}${value.slice(-1)}`));
    fc.assert(
      fc.property(fc.oneof(content, content.map(gzipSync), fc.uint8Array()), (bytes) => {
        try {
          decodeStored(bytes, "logs");
        } catch (error) {
          expect([UnreadableObjectError, NewerVersionError]).toContain((error as Error).constructor);
          expect(`${(error as Error).stack}${(error as Error).cause}`).not.toContain(SECRET);
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });
});

describe("what a Datadog Forwarder left behind", () => {
  const LEFT: Record<Kind, unknown[]> = {
    logs: ['{"message":"é","aws":{"awslogs":{}}}', '{"message":"\\ud800"}'],
    traces: [{ message: '{"traces":[[{"trace_id":"1"}]]}\n', tags: "env:none,functionname:f" }],
    metrics: [{ m: "a.b", v: 1.5, e: 1_795_226_069, t: ["k:v"] }],
  };

  it.each(Object.entries(LEFT))("is its elements: %s", (kind, elements) => {
    const left: LeftBehind = { kind: kind as Kind, elements };
    const json = JSON.stringify(elements).replace(/é/g, "\\u00e9");
    for (const written of [json, ` ${JSON.stringify(elements, null, 1)}\n`]) {
      expect(decodeStored(Buffer.from(written), kind as Kind)).toEqual(left);
      expect(decodeStored(gzipSync(written), kind as Kind)).toEqual(left);
    }
  });

  it("may be nothing at all", () => {
    expect(decodeStored(Buffer.from("[]"), "logs")).toEqual({ kind: "logs", elements: [] });
  });

  it.each([
    ["nothing", ""],
    ["a text", '"x"'],
    ["an object", "{}"],
    ["null", "null"],
    ["an array without its end", '["{}"'],
    ["an array with something behind it", '["{}"]x'],
    ["plain text", "an object of somebody else"],
  ])("is no %s", (_, content) => {
    expect(errorOf(Buffer.from(content))).toBeInstanceOf(UnreadableObjectError);
    expect(errorOf(gzipSync(content))).toBeInstanceOf(UnreadableObjectError);
  });

  it("is unreadable when it is not UTF-8, rather than changed", () => {
    expect(errorOf(Buffer.from('["{\\"message\\":\\"\xe9\\"}"]', "latin1"))).toBeInstanceOf(UnreadableObjectError);
  });
});
