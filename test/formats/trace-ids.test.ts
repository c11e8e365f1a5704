import fc from "fast-check";
import {
  decimal,
  highHalf,
  idsFromTraceparent,
  is128Bit,
  isSameTrace,
  lowHalf,
  spanIdFromDatadog,
  spanIdFromHex,
  traceIdFromDatadog,
  traceIdFromHex,
  traceIdFromXRay,
  withHighHalf,
} from "../../src/formats/trace-ids.ts";

const ZEROS = "0".repeat(16);
const uint64 = fc.oneof(
  fc.bigInt(1n, 2n ** 64n - 1n),
  fc.nat(63).map((bit) => 1n << BigInt(bit)),
  fc.nat({ max: 1000 }).map((n) => 2n ** 64n - 1n - BigInt(n)),
);
const half = fc.oneof(fc.constant(0n), uint64);
const uint128 = fc.tuple(half, half).map(([high, low]) => (high << 64n) | low);
const anId = uint128.filter((id) => id !== 0n).map((id) => hex(id, 32));

function hex(id: bigint, digits: number): string {
  return id.toString(16).padStart(digits, "0");
}

/** Hex as tracers spell it: any case, any number of leading zeros up to `digits`. */
function spelled(id: bigint, digits: number): fc.Arbitrary<string> {
  const shortest = id.toString(16);
  return fc
    .tuple(fc.integer({ min: shortest.length, max: digits }), fc.boolean())
    .map(([length, isUpper]) => (isUpper ? shortest.toUpperCase() : shortest).padStart(length, "0"));
}

describe("ids", () => {
  it("are one spelling inside, however hex spells them", () => {
    const spelling = uint128.filter((id) => id !== 0n).chain((id) => fc.tuple(fc.constant(id), spelled(id, 32)));
    fc.assert(fc.property(spelling, ([id, text]) => expect(traceIdFromHex(text)).toBe(hex(id, 32))));
    const span = uint64.chain((id) => fc.tuple(fc.constant(id), spelled(id, 32)));
    fc.assert(fc.property(span, ([id, text]) => expect(spanIdFromHex(text)).toBe(hex(id, 16))));
  });

  it("go to decimal and back without losing a bit", () => {
    fc.assert(
      fc.property(uint64, (id) => {
        expect(decimal(hex(id, 16))).toBe(String(id));
        expect(spanIdFromDatadog(String(id))).toBe(hex(id, 16));
        expect(spanIdFromDatadog(String(id).padStart(20, "0"))).toBe(hex(id, 16));
        expect(traceIdFromDatadog(String(id))).toBe(ZEROS + hex(id, 16));
      }),
    );
  });

  it("go to X-Ray's form and back without losing a digit", () => {
    fc.assert(fc.property(anId, (id) => expect(traceIdFromXRay(`1-${id.slice(0, 8)}-${id.slice(8)}`)).toBe(id)));
  });

  it("are taken from a traceparent", () => {
    const spanIds = uint64.map((id) => hex(id, 16));
    fc.assert(
      fc.property(anId, spanIds, fc.constantFrom("00", "01", "ff"), (traceId, spanId, flags) =>
        expect(idsFromTraceparent(`00-${traceId}-${spanId}-${flags}`)).toEqual({ traceId, spanId }),
      ),
    );
  });

  it("are their two halves", () => {
    fc.assert(fc.property(anId, (id) => expect(highHalf(id) + lowHalf(id)).toBe(id)));
  });

  it("read 32 digits as hex even where all are decimal, and sixteen by who wrote them", () => {
    expect(traceIdFromDatadog("12345678901234567890123456789012")).toBe("12345678901234567890123456789012");
    expect(spanIdFromDatadog("1234567890123456")).toBe("000462d53c8abac0");
    expect(spanIdFromHex("1234567890123456")).toBe("1234567890123456");
  });

  it.each<[string, (text: string) => unknown, string[]]>([
    ["hex", traceIdFromHex, ["", "0", ZEROS + ZEROS, "g", "0x1", " 1", "1 ", "1\n", "-1", "1".repeat(33), "1.5"]],
    ["span hex", spanIdFromHex, ["", "0", ZEROS, `1${ZEROS}`, "xyz", "1".repeat(33)]],
    ["decimal", traceIdFromDatadog, ["", "0", ZEROS, "18446744073709551616", "-1", "1e3", "12345678901234567890x"]],
    ["decimal length", traceIdFromDatadog, ["abc", "1".repeat(21), "1".repeat(31), "f".repeat(16), "1".repeat(33)]],
    ["span decimal", spanIdFromDatadog, ["", "0", "18446744073709551616", "651c77517ea37a55", "1".repeat(21), "٣"]],
    [
      "X-Ray",
      traceIdFromXRay,
      ["", `1-${"0".repeat(8)}-${"0".repeat(24)}`, "1-5759e988", `2-${"a".repeat(8)}-${"a".repeat(24)}`],
    ],
    ["X-Ray digits", traceIdFromXRay, [`1-${"a".repeat(8)}-${"g".repeat(24)}`, `1-${"a".repeat(8)}-${"a".repeat(25)}`]],
    [
      "traceparent",
      idsFromTraceparent,
      [
        "",
        `00-${ZEROS}${ZEROS}-${"1".repeat(16)}-01`,
        `00-${"1".repeat(32)}-${ZEROS}-01`,
        `01-${"1".repeat(32)}-${"1".repeat(16)}-01`,
        `00-${"A".repeat(32)}-${"1".repeat(16)}-01`,
        `00-${"1".repeat(32)}-${"1".repeat(16)}-01-x`,
      ],
    ],
  ])("are none where %s is malformed, too long or all zeros", (_, read, texts) => {
    expect(texts.map(read)).toEqual(texts.map(() => undefined));
  });

  it("never make a reader throw", () => {
    const readers = [traceIdFromHex, spanIdFromHex, traceIdFromDatadog, spanIdFromDatadog, traceIdFromXRay];
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF-x ") }));
    fc.assert(
      fc.property(texts, (text) => {
        for (const read of readers) expect(read(text) ?? "").toMatch(/^([0-9a-f]{16}){0,2}$/);
        idsFromTraceparent(text);
      }),
    );
  });
});

describe("two ids", () => {
  const low = "414ae78d188f3825";
  const full = `6b00f9d500000000${low}`;

  it("name one trace when the low halves are equal and the high halves are equal or unknown", () => {
    expect(isSameTrace(full, full)).toBe(true);
    expect(isSameTrace(full, ZEROS + low)).toBe(true);
    expect(isSameTrace(ZEROS + low, full)).toBe(true);
    expect(isSameTrace(ZEROS + low, ZEROS + low)).toBe(true);
    expect(isSameTrace(full, `6b00f9d600000000${low}`)).toBe(false);
    expect(isSameTrace(full, full.replace("5", "6"))).toBe(false);
    expect(isSameTrace("", full)).toBe(false);
  });

  it("complete each other", () => {
    expect(withHighHalf(ZEROS + low, highHalf(full))).toBe(full);
    expect(withHighHalf(full, "ffffffffffffffff")).toBe(full);
    expect([is128Bit(full), is128Bit(ZEROS + low)]).toEqual([true, false]);
  });
});
