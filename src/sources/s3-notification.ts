/**
 * Notifications of S3, that an object was made, inside of what other services carry. What is to be forwarded then is the
 * object, which is not read yet.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
import { isObject } from "./envelope.ts";

export const NOT_READ =
  "S3 tells of a new object, which the forwarder does not read yet: leave its notifications to the Datadog Forwarder";

/** Whether a text is S3's notification, or an SNS message with one. */
export function isS3Notification(text: string): boolean {
  // A cheap look: most texts are something else.
  if (!text.includes("aws:s3")) return false;
  const value = parse(text);
  if (!isObject(value)) return false;
  if (Array.isArray(value.Records)) return isObject(value.Records[0]) && value.Records[0].eventSource === "aws:s3";
  return value.Type === "Notification" && typeof value.Message === "string" && isS3Notification(value.Message);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
