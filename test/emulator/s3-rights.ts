import type { Iam } from "./iam.ts";
import { xml, xmlTexts } from "./protocols.ts";
import type { S3 } from "./s3.ts";
import { type AwsAnswer, type AwsCall, AwsError } from "./service.ts";

/** What a role's policy must allow for a call. */
interface Right {
  action: string;
  resource: string;
  /** The condition keys that the call has values for. */
  context?: Record<string, string>;
}

/**
 * S3 that answers a role only what its policy allows.
 *
 * Who asks for an object that is not there is told so only when he may list it, and is denied it otherwise.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function withRights(buckets: S3, iam: Iam): S3 {
  return {
    ...buckets,
    async answer(call) {
      for (const right of rightsFor(call)) if (!allows(call, right)) return denied(call, right);
      const answered = await buckets.answer(call);
      const toKnow = existenceRight(call);
      return answered.status === 404 && toKnow && !allows(call, toKnow) ? denied(call, toKnow) : answered;
    },
  };

  function allows({ accessKeyId }: AwsCall, { action, resource, context }: Right): boolean {
    try {
      iam.authorize(accessKeyId, action, resource, context);
      return true;
    } catch (error) {
      if (error instanceof AwsError && error.code === "AccessDeniedException") return false;
      throw error;
    }
  }
}

function rightsFor(call: AwsCall): Right[] {
  const { bucket, key } = placeOf(call);
  const arn = `arn:aws:s3:::${bucket}`;
  if (key !== "") {
    const source = call.headers["x-amz-copy-source"];
    const actions: Record<string, string> = { PUT: "s3:PutObject", DELETE: "s3:DeleteObject" };
    const right = { action: actions[call.method] ?? "s3:GetObject", resource: `${arn}/${key}` };
    if (source === undefined) return [right];
    return [
      { action: "s3:GetObject", resource: `arn:aws:s3:::${decodeURIComponent(source).replace(/^\//, "")}` },
      right,
    ];
  }
  if (call.query.has("delete")) {
    return xmlTexts(call.body.toString(), "Key").map((name) => ({
      action: "s3:DeleteObject",
      resource: `${arn}/${name}`,
    }));
  }
  const prefix = call.query.get("prefix");
  return [{ action: "s3:ListBucket", resource: arn, context: prefix === null ? {} : { "s3:prefix": prefix } }];
}

/** The right to know whether an object exists; undefined for a call that does not read one. */
function existenceRight(call: AwsCall): Right | undefined {
  const { bucket, key } = placeOf(call);
  if (key === "" || !["GET", "HEAD"].includes(call.method)) return undefined;
  return { action: "s3:ListBucket", resource: `arn:aws:s3:::${bucket}`, context: { "s3:prefix": key } };
}

function placeOf({ path }: AwsCall): { bucket: string; key: string } {
  const [, bucket = "", ...rest] = path.split("/");
  return { bucket, key: rest.join("/") };
}

function denied({ method }: AwsCall, { action, resource }: Right): AwsAnswer {
  const Message = `The role is not authorized to perform: ${action} on resource: ${resource}`;
  const body = method === "HEAD" ? "" : xml("Error", { Code: "AccessDenied", Message });
  return { status: 403, headers: { "content-type": "application/xml" }, body };
}
