/** What S3 invokes the function with: notices of new objects, whose content is read. */
import { type Notified, notifiedBy } from "./s3-notification.ts";
import { partsOfObject } from "./s3-object.ts";
import { type Cut, type LoadReach, type Part, type Source, UnreadableEventError } from "./source.ts";
import { Unreadable } from "./unreadable-records.ts";

export const read: Source["read"] = async function* (event, cut, loadReach): AsyncGenerator<Part> {
  const notified = notifiedBy(event as Record<string, unknown>);
  if (!notified) throw new UnreadableEventError("the event has no records of S3");
  const unreadable = new Unreadable("objects");
  yield* partsOfNotified(notified, "", cut, loadReach, (error) => unreadable.add(error, undefined));
  unreadable.end(notified.objects.length);
};

/**
 * The events in all objects, and a count of notices that tell of none.
 *
 * @param account that the notice is of; "" = unknown
 * @param fail is told of each object that cannot be read; the others are
 */
export async function* partsOfNotified(
  { objects, others }: Notified,
  account: string,
  cut: Cut,
  loadReach: LoadReach | undefined,
  fail: (error: unknown) => void,
): AsyncGenerator<Part> {
  if (others > 0) yield { events: others, dropped: { noNewObject: others }, batches: [] };
  if (objects.length === 0) return;
  if (!loadReach) throw new Error("objects of S3 are read only where there is a way to S3");
  const reach = await loadReach();
  for (const place of objects) {
    try {
      yield* partsOfObject(place, account, cut, reach);
    } catch (error) {
      fail(error);
    }
  }
}
