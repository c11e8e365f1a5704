import fc from "fast-check";

const value = fc.oneof(fc.double(), fc.integer(), fc.constantFrom("1", true, null));
const tag = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.constantFrom("a:b", 1, true, null, {}));

/** What a metric line says: mostly one that is whole. */
export const metric = fc.record(
  {
    m: fc.oneof(
      fc.constantFrom("coffee.value", "", 'a"b\\'),
      fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
    ),
    v: value,
    e: fc.oneof(fc.integer({ min: 1, max: 2_000_000_000 }), fc.constantFrom("1", 1_795_226_069.5, -1, 1e300)),
    t: fc.oneof({ arbitrary: fc.array(tag, { maxLength: 3 }), weight: 9 }, { arbitrary: fc.string(), weight: 1 }),
    traces: fc.constant([]),
  },
  { requiredKeys: ["m", "v"] },
);

/** A metric line, or one that looks like it, its keys in any order, with white space or without. */
export const metricLine = fc
  .tuple(metric, fc.boolean(), fc.constantFrom(0, 1, 2), fc.constantFrom("", " ", "\n"))
  .map(([fields, isReversed, indent, around]) => {
    const entries = Object.entries(fields);
    return around + JSON.stringify(Object.fromEntries(isReversed ? entries.reverse() : entries), null, indent) + around;
  });
