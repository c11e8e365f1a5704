import fc from "fast-check";
import { type DestinationEntry, readDestinations } from "../../src/config/destinations.ts";
import { readDestinationTable } from "../../src/handlers/read-destinations.ts";
import { propertyRuns } from "../helpers/property-runs.ts";
import { A_KEY } from "../helpers/telemetry.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:audit-key";
const DATADOG = { name: "audit", type: "datadog", secretArn: ARN };
const OTLP = { name: "collector", type: "otlp", endpoint: "https://collector.example.com:4318" };
const S3 = { name: "archive", type: "s3", bucket: "example-archive" };

const problemsOf = (...entries: object[]): string[] => readDestinations(JSON.stringify(entries)).problems;
const read = (...entries: object[]): readonly DestinationEntry[] | undefined =>
  readDestinations(JSON.stringify(entries)).destinations;

describe("the table of destinations", () => {
  it("fills in what an entry leaves out", () => {
    expect(read(DATADOG, OTLP, S3)).toEqual([
      {
        ...DATADOG,
        signals: ["logs", "traces", "metrics"],
        ...{ include: "", exclude: "", ssmName: "", apiKey: "", site: "datadoghq.com" },
        ...{ logsHost: "", logsPort: 443, noSsl: false, traceIntakeUrl: "", apiUrl: "" },
      },
      {
        ...OTLP,
        signals: ["logs", "traces", "metrics"],
        ...{ include: "", exclude: "", secretArn: "", ssmName: "" },
        ...{ protocol: "http/protobuf", compression: "gzip", timeoutMs: 10_000, jsonLogs: "attributes", headers: {} },
      },
      { ...S3, signals: ["logs", "traces"], include: "", exclude: "", secretArn: "", ssmName: "", prefix: "" },
    ]);
  });

  it.each([
    ["not JSON", "{", "DESTINATIONS must be a JSON list of objects"],
    ["no list", "{}", "DESTINATIONS must be a JSON list of objects"],
    ["no objects", "[1]", "DESTINATIONS must be a JSON list of objects"],
    ["too long", JSON.stringify(Array(17).fill(S3)), "DESTINATIONS has 17 entries: there can be 16"],
  ])("is refused when it is %s", (_, given, problem) => {
    expect(readDestinations(given)).toEqual({ problems: [problem], warnings: [] });
  });

  it.each<[object, string]>([
    [
      { ...S3, name: "Archive" },
      "entry 1: name must be 1 to 40 lower-case letters, digits and hyphens, a letter first",
    ],
    [{ ...S3, name: "otlp-logs" }, 'entry "otlp-logs": name is kept for what the variables make; take another'],
    [{ name: "a", type: "gcs" }, 'entry "a": type must be datadog or otlp or s3'],
    [{ ...S3, buket: "b" }, 'entry "archive": "buket" is unknown; did you mean bucket?'],
    [{ ...S3, constructor: 1 }, 'entry "archive": "constructor" is unknown; did you mean include?'],
    [
      { ...S3, site: "datadoghq.eu" },
      'entry "archive": site is not for a destination of type s3; there are name, type, include, exclude, signals, bucket, prefix',
    ],
    [{ name: "a", type: "s3" }, 'entry "a": bucket is missing: it must be the name of an S3 bucket'],
    [
      { ...S3, prefix: "/a" },
      'entry "archive": prefix must be folders with slashes between them, and none at the ends',
    ],
    [{ ...S3, signals: ["metrics"] }, 'entry "archive": signals must be a list of some of logs, traces, each once'],
    [{ ...OTLP, signals: [] }, 'entry "collector": signals must be a list of some of logs, traces, metrics, each once'],
    [{ ...OTLP, timeoutMs: "1" }, 'entry "collector": timeoutMs must be a whole number from 1 to 600000'],
    [
      { ...OTLP, endpoint: "https://u:p@example.com" },
      'entry "collector": endpoint must be a URL such as https://collector.example.com:4318, without user, query and fragment',
    ],
    [
      { ...OTLP, secretArn: ARN, ssmName: "/a" },
      'entry "collector": the headers are in one place: give secretArn or ssmName, not both',
    ],
    [
      { name: "a", type: "datadog" },
      'entry "a": the API key is in one place: give one of secretArn, ssmName and, for trying out, apiKey',
    ],
  ])("names the entry, the field and what it must be: %j", (entry, problem) => {
    expect(problemsOf(entry)).toEqual([`DESTINATIONS ${problem}`]);
  });

  it("refuses a name that two entries have", () => {
    expect(problemsOf(S3, { ...OTLP, name: "archive" })).toEqual([
      `DESTINATIONS entry "archive": name is another entry's; take another`,
    ]);
  });

  it("warns of a key and of headers in plain text, without showing them", () => {
    const found = readDestinations(
      JSON.stringify([
        { name: "a", type: "datadog", apiKey: A_KEY },
        { ...OTLP, headers: { "api-key": "hush" } },
      ]),
    );
    expect(found.warnings).toHaveLength(2);
    expect(found.warnings[0]).toMatch(/^DESTINATIONS entry "a" has its API key in plain text/);
    expect(found.warnings[1]).toMatch(/^DESTINATIONS entry "collector" has headers in plain text/);
    expect(found.warnings.join()).not.toMatch(new RegExp(`hush|${A_KEY}`));
  });

  it("tries the patterns", () => {
    const { problems } = readDestinationTable(JSON.stringify([{ ...S3, include: "(" }]));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^DESTINATIONS entry "archive": include /);
  });

  it("is entries or problems, whatever is given", () => {
    const field = fc.constantFrom(
      ...Object.keys({ ...DATADOG, ...OTLP, ...S3 }),
      "signals",
      "__proto__",
      "headers",
      "x",
    );
    const entry = fc
      .tuple(fc.constantFrom<object>({}, DATADOG, OTLP, S3), fc.dictionary(field, fc.jsonValue(), { maxKeys: 3 }))
      .map(([base, changes]) => ({ ...base, ...changes }));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3 }), (entries) => {
        const { problems, destinations } = readDestinations(JSON.stringify(entries));
        expect(destinations === undefined).toBe(problems.length > 0);
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});
