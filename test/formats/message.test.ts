import fc from "fast-check";
import { messageOf } from "../../src/formats/message.ts";
import type { LogRecord, Slice } from "../../src/telemetry.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

function sliceOf(text: string): Slice {
  const bytes = Buffer.from(text);
  return { bytes, text: bytes.toString("latin1") };
}

describe("messageOf", () => {
  it("decodes the bytes of any message", () => {
    const anyText = fc.array(fc.nat(0xffff), { maxLength: 30 }).map((units) => String.fromCharCode(...units));
    fc.assert(
      fc.property(anyText, (message) => {
        const { logs, slice } = telemetryOf(["before", message, "behind"]);
        expect(messageOf(logs[1] as LogRecord, slice)).toBe(message);
      }),
    );
  });

  it("gives what a transform made of the message", () => {
    const { logs, slice } = telemetryOf(["a secret"]);
    expect(messageOf({ ...(logs[0] as LogRecord), body: "" }, slice)).toBe("");
  });

  it("gives bytes that are no JSON as they stand", () => {
    const [record] = telemetryOf(["x"]).logs as [LogRecord];
    expect(messageOf({ ...record, message: 0, messageEnd: 5 }, sliceOf("a\\qé"))).toBe("a\\qé");
  });
});
