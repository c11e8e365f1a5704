import fc from "fast-check";
import { readReport } from "../../src/formats/lambda-report.ts";
import { LambdaReportReader } from "../../src/formats/lambda-report-reader.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { aSlice } from "../helpers/slices.ts";

const FRONT = "REPORT RequestId: 276ff3b9-1609-4ee7-a288-db3752630767";
const USUAL = `${FRONT}\tDuration: 469.40 ms\tBilled Duration: 500 ms\tMemory Size: 1024 MB\tMax Memory Used: 21 MB\t\n`;

function readWhereItStands(messages: string[]) {
  const { slice, logEvents } = aSlice(messages);
  const reader = new LambdaReportReader(slice);
  return logEvents.map((event) => reader.read(event));
}

const figure = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("0", "7", "56", "469.40", "10935.7", "0.001", "00.10", "999999999999.999") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", ".", ".5", "5.", "1.2.3", "-1", "1e3", "9".repeat(30), "0.1234567890123456789"),
  },
);
const gap = fc.oneof({ weight: 9, arbitrary: fc.constant("\t") }, fc.constantFrom(" ", "\t\t", "\n", ""));
const part = (name: string, unit: string) =>
  fc.tuple(gap, figure).map(([tab, value]) => `${tab}${name}: ${value} ${unit}`);
const end = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("", "\t\n", "\t", "\n\n") },
  fc.constantFrom(
    "x",
    "\tStatus: timeout",
    "\tStatus: error\tError Type: Runtime.OutOfMemory\t\n",
    "\t\nXRAY TraceId: 1-6\n",
  ),
);
const report = fc
  .tuple(
    part("Duration", "ms"),
    part("Billed Duration", "ms"),
    part("Memory Size", "MB"),
    part("Max Memory Used", "MB"),
    fc.oneof(fc.constant(""), part("Init Duration", "ms"), part("Restore Duration", "ms")),
    end,
  )
  .map((parts) => FRONT + parts.join(""));

describe("the report of a request, where it stands", () => {
  it("says what it says when it is decoded, or is left to that", () => {
    const messages = fc.array(
      fc.oneof(
        { weight: 4, arbitrary: report },
        fc.tuple(report, fc.nat(200)).map(([text, to]) => text.slice(0, to)),
      ),
    );
    fc.assert(
      fc.property(messages, (given) => {
        for (const [index, read] of readWhereItStands(given).entries()) {
          if (read) expect(read).toEqual(readReport(given[index] as string));
        }
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it("is read of a usual one, first of its environment or not", () => {
    const first = USUAL.replace("\n", "Init Duration: 100.99 ms\t\n");
    expect(readWhereItStands([USUAL, first])).toEqual([readReport(USUAL), readReport(first)]);
    expect(readReport(first)?.initDurationMs).toBe(100.99);
  });

  it("is left to be decoded where it says more, and in JSON", () => {
    const failed = USUAL.replace("\n", "Status: error\tError Type: Runtime.OutOfMemory\n");
    expect(readWhereItStands([failed, '{"type":"platform.report","record":{}}'])).toEqual([undefined, undefined]);
  });
});
