import { readdirSync } from "node:fs";
import path from "node:path";
import type { Ledger } from "../../src/delivery/ledger.ts";
import { lowHalf } from "../../src/formats/trace-ids.ts";
import { type Intake, startIntake } from "../../src/viewer/intake.ts";
import { BUILT, datadogAt, invokeBuilt } from "../helpers/built-forwarder.ts";
import { aDelivery, capturedMessages, type EventGiven } from "../helpers/deliveries.ts";
import { aRequest } from "../helpers/platform-lines.ts";

/** Real output of every tracer and logger, and lines of a function without either. */
const captures = readdirSync(path.join(__dirname, "../captures"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\.(?:jsonl|log)$/.test(file) && !file.startsWith("python-re"))
  .sort()
  .map((file): [string, Given] => {
    const messages = capturedMessages(file);
    return [file, given(messages, serviceIn(messages))];
  });
const all = given(
  captures.flatMap(([file]) => capturedMessages(file)),
  "thinker-microservice",
);
const untraced = given(aRequest(["a log", '{"level":"warn","msg":"b"}']), "untraced");

/**
 * The service of the spans, as the function's name: for Datadog the spans of a function get it, as from the Datadog
 * Forwarder (decision 19), and other backends the tracer's.
 */
function serviceIn(messages: string[]): string {
  const line = messages.find((message) => message.includes('"serverless"') && message.startsWith('{"traces"'));
  const { traces } = JSON.parse(line ?? '{"traces":[]}') as { traces: { type: string; service: string }[][] };
  const ofSpan = traces.flat().find(({ type }) => type === "serverless")?.service;
  return ofSpan ?? /"service":"([\w-]+)"/.exec(messages.join())?.[1] ?? "thinker-microservice";
}

interface Given {
  event: object;
  functionName: string;
}

function given(messages: (string | EventGiven)[], functionName: string): Given {
  return { event: aDelivery(messages, { logGroup: `/aws/lambda/${functionName}` }), functionName };
}

/** What one backend knows at the end. */
interface Known {
  /** Without the high half of trace ids that nobody knew. */
  spans: string[];
  logs: string[];
}

interface Told {
  ledger: Ledger;
  datadog: Known;
  otlp: Known;
}

/** What the built function tells both backends of some events, of each in a process of its own. */
async function told({ event, functionName }: Given): Promise<Told> {
  const [datadog, otlp] = await Promise.all([startIntake(), startIntake()]);
  const [ledger] = await invokeBuilt(BUILT, [event], {
    ...datadogAt(datadog),
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
    FUNCTION_SPANS: "true",
  });
  const result = {
    ledger: ledger as Ledger,
    datadog: knownTo(datadog, functionName),
    otlp: knownTo(otlp, functionName),
  };
  expect([datadog.refusals(), otlp.refusals()]).toEqual([[], []]);
  await Promise.all([datadog.close(), otlp.close()]);
  return result;
}

/** @param functionName what Datadog gets as the service of spans that their tracer says are of `aws.lambda` */
function knownTo({ store }: Intake, functionName: string): Known {
  const { traces, uncorrelatedLogs } = store.snapshot();
  const spans = traces.flatMap((trace) =>
    trace.spans.map(({ traceId, spanId, parentId, service, error }) =>
      [
        traceId,
        spanId,
        parentId,
        service === "aws.lambda" ? functionName : service,
        error ? "failed" : "went well",
      ].join(" "),
    ),
  );
  const logs = [...traces.flatMap((trace) => trace.logs), ...uncorrelatedLogs].map(({ traceId, spanId, service }) =>
    [traceId && lowHalf(traceId), spanId, service].join(" "),
  );
  return { spans: spans.sort(), logs: logs.sort() };
}

describe("Datadog and an OpenTelemetry backend beside each other", () => {
  it.each<[string, Given]>([...captures, ["a function without a tracer", untraced]])(
    "know the same spans, services and linked logs: %s",
    async (_, event) => {
      const { ledger, datadog, otlp } = await told(event);
      expect(otlp).toEqual(datadog);
      expect(ledger.unaccounted).toBe(0);
      const { destinations } = ledger;
      for (const kind of ["logs", "traces", "metrics"]) {
        const [one, other] = [destinations[`datadog-${kind}`], destinations[`otlp-${kind}`]];
        expect([other?.offered, other?.delivered]).toEqual([one?.offered, one?.offered]);
      }
    },
    20_000,
  );

  it("know the same of lines of every format and logger in one delivery", async () => {
    const { ledger, datadog, otlp } = await told(all);
    // Many functions' spans in one function's log: what the service of each is, Datadog is told by that function's name.
    // Some captures tell of the same span in two formats.
    const idsIn = ({ spans, logs }: Known): string[] => [
      ...new Set(spans.map((line) => line.split(" ").slice(0, 3).join(" "))),
      ...logs.map((line) => line.split(" ").slice(0, 2).join(" ")).sort(),
    ];
    expect(idsIn(otlp)).toEqual(idsIn(datadog));
    expect(ledger.unaccounted).toBe(0);
    expect(datadog.spans.length).toBeGreaterThan(50);
    expect(datadog.logs).toHaveLength(ledger.logs);
    expect(Object.keys(ledger.links).length).toBeGreaterThan(2);
    expect(datadog.logs.filter((log) => /^[0-9a-f]{16} [0-9a-f]{16} /.test(log)).length).toBeGreaterThan(50);
  }, 20_000);
});
