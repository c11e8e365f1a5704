import { tracesOf } from "../../src/formats/datadog-of-otlp.ts";
import type { OtlpSpan, ResourceSpans, TracePayload } from "../../src/telemetry.ts";
import { redactEmail, redactIp } from "../../src/transforms/redact.ts";
import { scrub } from "../../src/transforms/scrub.ts";
import { anOtlpSpan, onlySpan, resourceSpans } from "../helpers/otlp.ts";
import { aSpan, telemetryOf } from "../helpers/telemetry.ts";

function scrubbed(all: ResourceSpans[]): TracePayload {
  const payload: TracePayload = {
    index: 0,
    traces: [],
    table: null,
    firstSpan: 0,
    decode: () => tracesOf(all),
    resourceSpans: all,
  };
  const telemetry = scrub([redactIp, redactEmail])({ ...telemetryOf(["a log"]), tracePayloads: [payload] });
  return telemetry.tracePayloads[0] as TracePayload;
}

const IP = "10.0.0.1";
const GONE = "xxx.xxx.xxx.xxx";

describe("scrubbing of OpenTelemetry's spans", () => {
  const span: Partial<OtlpSpan> = {
    name: `GET ${IP}`,
    attributes: { "client.address": IP, list: [IP, 1n], map: { [IP]: IP }, "faas.invocation_id": IP, n: 1n },
    events: [{ timeUnixNano: 1n, name: "e", attributes: { ip: IP }, droppedAttributesCount: 0 }],
    links: [
      {
        traceId: "1".repeat(32),
        spanId: "1".repeat(16),
        traceState: IP,
        flags: 0,
        attributes: { ip: IP },
        droppedAttributesCount: 0,
      },
    ],
    status: { code: 2, message: `refused by ${IP}` },
  };

  it("covers names, status, attributes, events and links, and leaves what ties spans together", () => {
    const { resourceSpans: all } = scrubbed([resourceSpans([anOtlpSpan(span)], { "service.name": IP, "host.ip": IP })]);
    expect(onlySpan(all as ResourceSpans[])).toMatchObject({
      name: `GET ${GONE}`,
      attributes: { "client.address": GONE, list: [GONE, 1n], map: { [GONE]: GONE }, "faas.invocation_id": IP, n: 1n },
      events: [{ attributes: { ip: GONE } }],
      links: [{ traceState: GONE, attributes: { ip: GONE } }],
      status: { code: 2, message: `refused by ${GONE}` },
    });
    expect(all?.[0]?.attributes).toEqual({ "service.name": IP, "host.ip": GONE });
  });

  it("covers Datadog's form of them too", () => {
    const [trace] = scrubbed([resourceSpans([anOtlpSpan(span)], { "service.name": IP, "host.ip": IP })]).decode();
    expect(trace?.spans[0]).toMatchObject({
      service: IP,
      resource: `GET ${GONE}`,
      attributes: { "http.client_ip": GONE, request_id: IP, "host.ip": GONE, "error.msg": `refused by ${GONE}` },
      events: [{ attributes: { ip: GONE } }],
    });
  });

  it("leaves the given spans as they are", () => {
    const given = [resourceSpans([anOtlpSpan(span)])];
    scrubbed(given);
    expect(onlySpan(given).name).toBe(`GET ${IP}`);
  });
});

describe("scrubbing of Datadog's spans", () => {
  it("covers structured attributes at any depth, and leaves their keys", () => {
    const telemetry = telemetryOf(["a log"]);
    const structured = aSpan({ structuredAttributes: { appsec: { ips: [IP, 1], [IP]: null } } });
    const payload: TracePayload = {
      index: 0,
      traces: [],
      table: null,
      firstSpan: 0,
      decode: () => [{ traceId: "1".repeat(32), spans: [structured] }],
    };
    const { tracePayloads } = scrub([redactIp])({ ...telemetry, tracePayloads: [payload] });
    expect(tracePayloads[0]?.decode()[0]?.spans[0]?.structuredAttributes).toEqual({
      appsec: { ips: [GONE, 1], [IP]: null },
    });
  });
});
