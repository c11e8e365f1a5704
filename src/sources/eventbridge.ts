/**
 * An event of EventBridge: `{"detail-type", "source", "detail", "account", "region", "time", …}`.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
import { notifiedByEventBridge } from "./s3-notification.ts";
import type { Part, Source } from "./source.ts";
import { Unreadable } from "./unreadable-records.ts";
import { jsonOf, partsOf, resourceOf, textIn, unixMsOf } from "./written-events.ts";

export const read: Source["read"] = async function* (event, cut, loadReach): AsyncGenerator<Part> {
  const { id, account: owner, region, time, source } = event as Record<string, unknown>;
  const account = textIn(owner) ?? "";
  const notified = notifiedByEventBridge(event as Record<string, unknown>);
  if (notified && notified.objects.length > 0) {
    const { partsOfNotified } = await import("./s3.ts");
    const unreadable = new Unreadable("objects");
    yield* partsOfNotified(notified, account, cut, loadReach, (error) => unreadable.add(error, undefined));
    return unreadable.end(notified.objects.length);
  }
  const given = { id: textIn(id), timestampUnixMs: unixMsOf(time), message: jsonOf(event) };
  yield* partsOf([given], { ...resourceOf(technologyIn(source), account, textIn(region)), hasObjects: true }, account);
};

/** As the Datadog Forwarder finds it: of `aws.guardduty` the second part. */
function technologyIn(source: unknown): string {
  return (typeof source === "string" && source.split(".", 2)[1]) || "cloudwatch";
}
