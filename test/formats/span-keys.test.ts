import fc from "fast-check";
import { META_START, METRICS_START, SpanKeys } from "../../src/formats/span-keys.ts";

const REFUSED = -1;

/** The numbers of the keys of one map, up to the first that is refused. */
function numbersOf(keys: string[], table: SpanKeys, start = META_START): number[] {
  const bytes = Buffer.from(`${keys.map((key) => `${key}\\":`).join("")}....`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers: number[] = [];
  table.beginMap(start);
  let at = 0;
  for (const key of keys) {
    const length = Buffer.byteLength(key);
    const expected = table.expected(view, at);
    const number = expected === REFUSED ? table.add(view, at, at + length) : expected;
    if (number === REFUSED) break;
    numbers.push(number);
    at += length + 3;
  }
  return numbers;
}

describe("the keys of spans", () => {
  it("have one number each, in map after map, and none twice in a map", () => {
    const table = new SpanKeys(["a", "request_id"]);
    const key = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."abcd_.é"), minLength: 1, maxLength: 9 }),
      fc.constantFrom("request_id", "component", "span.kind", "span.king"),
    );
    const map = fc.tuple(fc.array(key, { maxLength: 60 }), fc.constantFrom(META_START, METRICS_START));
    fc.assert(
      fc.property(fc.array(map, { maxLength: 4 }), (maps) => {
        for (const [keys, start] of maps) {
          const second = keys.findIndex((given, index) => keys.indexOf(given) < index);
          const numbers = numbersOf(keys, table, start);
          expect(numbers.length).toBeLessThanOrEqual(second === -1 ? keys.length : second);
          const names = numbers.map((number) => Buffer.from(table.nameOf(number), "latin1").toString());
          expect(names).toEqual(keys.slice(0, numbers.length));
          for (const number of numbers) {
            const start = table.starts[number] as number;
            const bytes = Buffer.from(table.view.buffer, start, table.lengths[number]);
            expect(bytes.toString("latin1")).toBe(table.nameOf(number));
          }
        }
      }),
    );
  });

  it("are known by name, those that were given first with the first numbers", () => {
    const table = new SpanKeys(["request_id", "x"]);
    numbersOf(["env", "x"], table);
    expect(["request_id", "x", "env", "version"].map((name) => table.numberOf(name))).toEqual([0, 1, 2, -1]);
    expect(table.count).toBe(3);
  });

  it("are as many as the spans of tracers have", () => {
    const keys = Array.from({ length: 150 }, (_, index) => `http.request.headers.x-header-${index * 7919}`);
    expect(numbersOf(keys, new SpanKeys([]))).toHaveLength(keys.length);
  });

  it("are told apart by a quote behind", () => {
    const table = new SpanKeys([]);
    numbersOf(["db.name"], table);
    expect(numbersOf(["db.names"], table)).toEqual([1]);
    expect(numbersOf(["db.name"], table)).toEqual([0]);
  });

  it("are refused where they are made to collide", () => {
    const keys = Array.from({ length: 100 }, (_, index) => `aaaa${String(index).padStart(9, "0")}bbbb`);
    expect(numbersOf(keys, new SpanKeys([])).length).toBeLessThan(10);
  });

  it("are refused when there are too many, or too long ones, and those that are known are not", () => {
    for (const keys of [
      Array.from({ length: 2_000 }, (_, index) => `${"abcdefghij"[index % 10]}${index * 7919}`),
      Array.from({ length: 40 }, (_, index) => `${String.fromCharCode(97 + (index % 26)).repeat(1_000)}${index}`),
    ]) {
      const table = new SpanKeys(["first"]);
      let refused = 0;
      for (const key of keys) if (numbersOf([key], table).length === 0) refused++;
      expect(refused).toBeGreaterThan(0);
      expect(table.isFull).toBe(true);
      expect(numbersOf(["first", keys[0] as string], table)).toEqual([0, 1]);
    }
  });

  it.each(["", "0", "42", "7up"])("do not include %j, which may not keep its place", (key) => {
    expect(numbersOf(["a", key], new SpanKeys([]))).toHaveLength(1);
  });
});
