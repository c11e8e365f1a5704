/** What S3 refuses, in words for the person who has to mend it. */

/** What is done to a place, and what a role needs for it. */
const RIGHTS = {
  list: "s3:ListBucket",
  read: "s3:GetObject",
  write: "s3:PutObject",
  copy: "s3:GetObject and s3:PutObject",
  delete: "s3:DeleteObject",
} as const;

export type Action = keyof typeof RIGHTS;

/** Longer words of S3 are cut. */
const MAX_WORDS = 400;

/** A call to S3 that failed. The message names the place, what is wrong and the remedy; never contents. */
export class S3Error extends Error {
  override name = "S3Error";
  /** S3's own, such as `NoSuchKey`, or of the network, such as `ECONNREFUSED`. */
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Thrown where an answer is not waited for any longer. */
export class TimeoutError extends Error {
  override name = "TimeoutError";
}

/** @param place `s3://bucket/key` */
export function s3Error(error: unknown, action: Action, place: string): S3Error {
  if (error instanceof S3Error) return error;
  const code = codeOf(error);
  return new S3Error(code, `cannot ${action} ${place}: ${problem(error, code, action)}`, error);
}

function problem(error: unknown, code: string, action: Action): string {
  switch (code) {
    case "NoSuchBucket":
      return "there is no such bucket; create it, or let DD_S3_BUCKET_NAME name one that exists";
    case "NoSuchKey":
    case "NotFound":
      return "the object is not there any more; something else has deleted or moved it";
    case "AccessDenied":
    case "AllAccessDisabled":
    case "Forbidden":
      return `access denied${wordsOf(error)}; the function's role needs ${RIGHTS[action]}, and the policies of the bucket, its KMS key and the VPC endpoint must not refuse; a bucket of another account must allow the role in its policy${absentToo(action)}`;
    case "PermanentRedirect":
    case "TemporaryRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return `the bucket is in another region${regionOf(error)} (${code}); use one in the function's region`;
    case "SlowDown":
    case "ServiceUnavailable":
    case "Throttling":
    case "ThrottlingException":
    case "RequestLimitExceeded":
      return `S3 has too many requests for this bucket (${code}), after several attempts; if this lasts, find what else uses the bucket`;
    case "InternalError":
      return "S3 failed (InternalError), after several attempts; if this lasts, see the AWS Health Dashboard";
    case "TimeoutError":
    case "ETIMEDOUT":
      return "no answer in time; a function in a VPC needs a gateway endpoint for S3, or a NAT gateway";
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "ECONNREFUSED":
    case "ECONNRESET":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EPIPE":
      return `no connection to S3 (${code}); a function in a VPC needs a gateway endpoint for S3, or a NAT gateway, and DNS`;
    case "CredentialsProviderError":
    case "ExpiredToken":
    case "InvalidAccessKeyId":
    case "InvalidToken":
    case "SignatureDoesNotMatch":
      return `the credentials are missing or not valid (${code}); a function has those of its role, so none must be set by hand`;
    case "InvalidObjectState":
    case "ObjectNotInActiveTierError":
      return "the object is archived; restore it, and let no lifecycle rule archive failed events";
    default:
      return code.startsWith("KMS.")
        ? `the bucket's KMS key cannot be used (${code}); enable it, and allow the function's role kms:GenerateDataKey and kms:Decrypt`
        : `the call failed (${code}); see "Error responses" in the API reference of Amazon S3`;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  // The SDK calls a connection that was reset a timeout.
  const name = typeof code === "string" && /^E[A-Z_]+$/.test(code) ? code : error.name;
  if (name !== "Unknown" && name !== "UnknownError" && name !== "Error") return name;
  // An answer without a body, such as a proxy's, has a status alone.
  const { httpStatusCode: status = 0 } = $metadata ?? {};
  if (status === 301) return "PermanentRedirect";
  if (status === 403) return "AccessDenied";
  if (status === 503) return "ServiceUnavailable";
  return status > 0 ? `HTTP ${status}` : name;
}

/** S3 says which policy refuses, and names the role and the action. */
function wordsOf(error: unknown): string {
  const words = error instanceof Error ? error.message.replace(/\s+/g, " ").slice(0, MAX_WORDS) : "";
  return words === "" || /^access denied\.?$|^unknown/i.test(words) ? "" : ` ("${words}")`;
}

function regionOf(error: unknown): string {
  const { $response } = error as { $response?: { headers?: Record<string, string> } };
  const region = $response?.headers?.["x-amz-bucket-region"] ?? "";
  return /^[a-z]{2}[a-z0-9-]{3,30}$/.test(region) ? `, ${region}` : "";
}

function absentToo(action: Action): string {
  return action === "read" || action === "copy"
    ? "; without s3:ListBucket, S3 says the same of an object that is not there"
    : "";
}
