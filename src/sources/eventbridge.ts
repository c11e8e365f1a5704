/**
 * An event of EventBridge: `{"detail-type", "source", "detail", "account", "region", "time", …}`.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
import { isObject } from "./envelope.ts";
import { NOT_READ } from "./s3-notification.ts";
import { type Part, type Source, UnreadableEventError } from "./source.ts";
import { jsonOf, partsOf, resourceOf, textIn, unixMsOf } from "./written-events.ts";

export const read: Source["read"] = async function* (event): AsyncGenerator<Part> {
  const { id, account: owner, region, time, source, detail } = event as Record<string, unknown>;
  const isOfS3 = source === "aws.s3" && isObject(detail) && isObject(detail.bucket) && isObject(detail.object);
  if (isOfS3) throw new UnreadableEventError(`EventBridge event: ${NOT_READ}`);
  const account = textIn(owner) ?? "";
  const given = { id: textIn(id), timestampUnixMs: unixMsOf(time), message: jsonOf(event) };
  yield* partsOf([given], { ...resourceOf(technologyIn(source), account, textIn(region)), hasObjects: true }, account);
};

/** As the Datadog Forwarder finds it: of `aws.guardduty` the second part. */
function technologyIn(source: unknown): string {
  return (typeof source === "string" && source.split(".", 2)[1]) || "cloudwatch";
}
