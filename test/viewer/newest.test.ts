import fc from "fast-check";
import { newestOf, type Place, parsePlace, printPlace } from "../../src/viewer/newest.ts";

const places = fc.uniqueArray(fc.tuple(fc.bigInt({ min: -3n, max: 9n }), fc.nat(9)), {
  selector: ([time, sequence]) => `${time} ${sequence}`,
  maxLength: 60,
});

describe("the newest of many", () => {
  it("are, page after page, all that are wanted, in their order", () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 3 }), (given, limit, nth) => {
        const items: Place[] = given.map(([timeUnixNano, sequence]) => ({ timeUnixNano, sequence }));
        const isWanted = ({ sequence }: Place): boolean => sequence % nth === 0;
        const expected = items
          .filter(isWanted)
          .sort((a, b) => Number(b.timeUnixNano - a.timeUnixNano) || b.sequence - a.sequence);
        const seen: Place[] = [];
        let before: Place | undefined;
        for (;;) {
          const page = newestOf(items, (place) => place, isWanted, limit, before);
          seen.push(...page.items);
          if (page.next === null) break;
          expect(page.items).toHaveLength(limit);
          before = parsePlace(page.next);
        }
        expect(seen).toEqual(expected);
      }),
    );
  });

  it("go on from a place that is printed and read", () => {
    for (const place of [
      { timeUnixNano: 1_795_226_069_831_013_123n, sequence: 7 },
      { timeUnixNano: -1n, sequence: 0 },
    ]) {
      expect(parsePlace(printPlace(place))).toEqual(place);
    }
    for (const text of ["", "x", "1.", "1.2.3", "1e3", "9".repeat(21)]) expect(parsePlace(text)).toBeUndefined();
  });
});
