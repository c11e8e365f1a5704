import { derivedSpanId, derivedTraceId } from "../../src/formats/derived-ids.ts";
import { spanIdFromHex, traceIdFromHex } from "../../src/formats/trace-ids.ts";

const REQUEST = "276ff3b9-1609-4ee7-a288-db3752630767";

describe("ids of spans that no tracer made", () => {
  it("are SHA-256 of what tells the request, so that another version of the forwarder gives the same", () => {
    // printf 'trace\n276ff3b9-…' | sha256sum, printf 'span\naws.lambda\n276ff3b9-…\nstream\n1795226069000' | sha256sum
    expect(derivedTraceId(REQUEST)).toBe("320dfef588fb0dc59edfad23a9c5e0cc");
    expect(derivedSpanId("aws.lambda", REQUEST, "stream", 1_795_226_069_000)).toBe("9d8e5e0be813178d");
  });

  it("are ids", () => {
    expect(traceIdFromHex(derivedTraceId(REQUEST))).toBe(derivedTraceId(REQUEST));
    const spanId = derivedSpanId("a", REQUEST, "s", 1);
    expect(spanIdFromHex(spanId)).toBe(spanId);
  });

  it("are others for another span, stream and time", () => {
    const ids = [
      derivedSpanId("a", REQUEST, "s", 1),
      derivedSpanId("b", REQUEST, "s", 1),
      derivedSpanId("a", REQUEST, "t", 1),
      derivedSpanId("a", REQUEST, "s", 2),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
