/**
 * An archive in S3: lines of JSON, one a log record or span, which Athena reads as tables (docs/archive.md). An item is one
 * log record, or the spans of one trace payload line.
 *
 * Decision 38 says why it is made so.
 */
import type { GivenAttributes } from "../formats/otlp-resource.ts";
import { logLines, spanLines } from "./archive-lines.ts";
import type { Answer, Destination, Outcome } from "./destination.ts";

/** Large objects cost least to read; this is what one invocation's memory has room for. */
const LIMITS = { maxItems: Number.POSITIVE_INFINITY, maxBytes: 10_000_000 };
const LINE_FEED = Buffer.from("\n");
const FRAMING = { opening: new Uint8Array(), separator: LINE_FEED, closing: LINE_FEED };
/** What a person has to mend. Everything else may pass by itself: failures of S3 and of the network. */
const LASTING =
  /^(?:AccessDenied|AllAccessDisabled|Forbidden|NoSuchBucket|InvalidBucketName|(?:Permanent|Temporary)Redirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|CredentialsProviderError|InvalidAccessKeyId|InvalidToken|SignatureDoesNotMatch|EntityTooLarge|KMS\..+|HTTP 4\d\d)$/;

/**
 * @param given what settings say of everything
 * @param nowUnixMs the clock
 */
export function archiveDestinations(given: GivenAttributes, nowUnixMs: () => number = Date.now): Destination[] {
  const lineOf = logLines(given);
  const common = { backend: "s3", headers: {}, limits: LIMITS, framing: FRAMING, outcome: archiveOutcome };
  return [
    {
      ...common,
      name: "archive-logs",
      kind: "logs",
      url: "logs",
      encode: (telemetry) => {
        const nowUnixNano = BigInt(nowUnixMs()) * 1_000_000n;
        return itemsOf(telemetry.logs, (record) => lineOf(record, telemetry, nowUnixNano));
      },
    },
    {
      ...common,
      name: "archive-traces",
      kind: "traces",
      url: "traces",
      encode: (telemetry) => itemsOf(telemetry.tracePayloads, (payload) => spanLines(payload, telemetry, given)),
    },
  ];
}

function itemsOf<Item>(items: readonly Item[], textOf: (item: Item) => string): ReturnType<Destination["encode"]> {
  return { count: items.length, write: (index, to) => to.utf8(textOf(items[index] as Item)) };
}

/** What an S3 call came to: 200, or the code of S3 or of the network. */
export function archiveOutcome(answer: Answer): Outcome {
  if (!("error" in answer)) return { status: "delivered" };
  const reason = answer.error;
  if (!LASTING.test(reason)) return { status: "retryable", reason };
  return { status: "rejected", reason, fault: reason === "EntityTooLarge" ? "items" : "else" };
}
