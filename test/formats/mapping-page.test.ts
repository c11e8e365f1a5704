import { readFileSync } from "node:fs";
import path from "node:path";
import { tracesOf } from "../../src/formats/datadog-of-otlp.ts";
import { resourceSpansOf } from "../../src/formats/otlp-of-datadog.ts";
import { streamAttributesOf } from "../../src/formats/otlp-resource.ts";
import { SEMANTIC_NAMES } from "../../src/formats/semantic-names.ts";
import type { Attributes, OtlpSpan, ResourceSpans, Span } from "../../src/telemetry.ts";
import { anOtlpSpan, aResource, resourceSpans } from "../helpers/otlp.ts";
import { aSpan } from "../helpers/telemetry.ts";

const TRACE_ID = "6b00f9d500000000414ae78d188f3825";

/** Fields that are a number of JavaScript's in both forms, and those that are a bigint. */
const NUMBERS = new Set(["kind", "code", "flags", "error"]);
const BIGINTS = /Nano$/;

type Row = [title: string, left: string, right: string];

const page = readFileSync(path.join(__dirname, "../../docs/mapping.md"), "utf8");

/** The rows of a section with an example on either side. */
function rowsOf(section: string): Row[] {
  const text = page.split(/^## /m).find((part) => part.startsWith(section)) ?? "";
  return [...text.matchAll(/^\| ([^|]+) \| `(\{[^|]*\})` \| `(\{[^|]*\})` \|/gm)].map(
    (match): Row => [match[1] as string, match[2] as string, match[3] as string],
  );
}

function datadogSide(json: string): Partial<Span> {
  return JSON.parse(json, (key, value) => (BIGINTS.test(key) ? BigInt(value) : value));
}

function otelSide(json: string): Partial<OtlpSpan> & { resource?: Attributes; scope?: object } {
  return JSON.parse(json, (key, value) =>
    BIGINTS.test(key) || (Number.isInteger(value) && !NUMBERS.has(key)) ? BigInt(value) : value,
  );
}

/** What a page may say of spans, of some spans. */
function toldOf(all: ResourceSpans[]): object {
  expect(all).toHaveLength(1);
  const [{ attributes, scopeSpans }] = all as [ResourceSpans];
  return { ...scopeSpans[0]?.spans[0], resource: attributes, scope: scopeSpans[0]?.scope };
}

function otlpOf(given: Partial<Span>): ResourceSpans[] {
  return resourceSpansOf(
    [{ traceId: TRACE_ID, spans: [aSpan({ type: "", ...given })] }],
    streamAttributesOf(aResource()),
  );
}

describe("the page on mapping, of Datadog's spans", () => {
  const rows = rowsOf("Datadog ⇄ OpenTelemetry");

  it("has a row for every attribute with two names", () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const { datadog, otel } of SEMANTIC_NAMES) {
      expect(rows.some(([, left, right]) => left.includes(`"${datadog}"`) && right.includes(`"${otel}"`))).toBe(true);
    }
  });

  it.each(rows)("is right about %s: %s becomes %s", (_, left, right) => {
    expect(toldOf(otlpOf(datadogSide(left)))).toMatchObject(otelSide(right));
  });

  it.each(rows)("is right about %s: %s comes back", (_, left) => {
    const given = datadogSide(left);
    const [span] = tracesOf(otlpOf(given)).flatMap(({ spans }) => spans);
    expect(span).toMatchObject(aSpan({ type: "", ...given }));
  });
});

describe("the page on mapping, of OpenTelemetry's spans", () => {
  const rows = rowsOf("OpenTelemetry → Datadog");

  it("has rows", () => expect(rows.length).toBeGreaterThan(20));

  it.each(rows)("is right about %s: %s becomes %s", (_, left, right) => {
    const { resource, scope, ...span } = otelSide(left);
    const event: object = { timeUnixNano: 1n, droppedAttributesCount: 0 };
    const link: object = { traceState: "", flags: 0, droppedAttributesCount: 0 };
    const events = (span.events ?? []).map((of) => ({ ...event, ...of })) as OtlpSpan["events"];
    const links = (span.links ?? []).map((of) => ({ ...link, ...of })) as OtlpSpan["links"];
    const given = resourceSpans([anOtlpSpan({ ...span, events, links })], resource);
    if (scope) Object.assign(given.scopeSpans[0]?.scope as object, scope);
    expect(tracesOf([given])[0]?.spans[0]).toMatchObject(datadogSide(right));
  });
});
