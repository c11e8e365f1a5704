/** What is wrong with a queue, for the person who can mend it. */

const PURPOSES = {
  SendMessage: "put a failed batch into",
  ReceiveMessage: "receive failed batches from",
  DeleteMessage: "delete a failed batch from",
  ChangeMessageVisibility: "change the visibility of messages in",
  GetQueueAttributes: "read the attributes of",
};

/** As IAM names it, after `sqs:`. */
export type QueueAction = keyof typeof PURPOSES;

/** A call that failed. Its text names the queue and the remedy, never what a message holds. */
export class QueueError extends Error {
  override name = "QueueError";
  /** Of SQS or of the network, `timeout`, or `no time left`. */
  readonly code: string;

  /** @param error what the SDK threw, or undefined when there was no time for the call */
  constructor(action: QueueAction, queueUrl: string, error: unknown) {
    const code = codeOf(error);
    // A SyntaxError quotes the answer that could not be read.
    const cause = error instanceof Error && error.name !== "SyntaxError" ? { cause: error } : {};
    super(`cannot ${PURPOSES[action]} the queue ${queueUrl}: ${code}; ${remedyFor(code, action, error)}`, cause);
    this.code = code;
  }

  get isDenied(): boolean {
    return DENIED.has(this.code);
  }

  /** Whether the queue takes only smaller messages. */
  get isTooLong(): boolean {
    return isTooLong(this.code, this.cause);
  }
}

const DENIED = new Set(["AccessDenied", "AccessDeniedException"]);
const MISSING = new Set(["QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "InvalidAddress"]);
const THROTTLED = new Set(["RequestThrottled", "ThrottlingException", "Throttling", "TooManyRequestsException"]);
const UNKNOWN_CALLER = new Set([
  "InvalidClientTokenId",
  "InvalidSecurity",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "UnrecognizedClientException",
]);

function remedyFor(code: string, action: QueueAction, error: unknown): string {
  if (DENIED.has(code)) {
    return `the function's role must allow sqs:${action} on it, and so must the queue's policy if it is another account's`;
  }
  if (MISSING.has(code)) return "there is no such queue: check the region, the account and the name in its URL";
  if (/^kms/i.test(code)) {
    return "the queue's key must be enabled, and the function's role must allow kms:GenerateDataKey and kms:Decrypt with it";
  }
  if (UNKNOWN_CALLER.has(code)) return "the function's credentials do not count there: check the region in its URL";
  if (THROTTLED.has(code)) return "SQS refuses so many calls; they were tried again in vain";
  if (code === "OverLimit") return "too many of its messages are in flight; they return by themselves";
  if (isTooLong(code, error)) {
    return "it takes smaller messages than expected: the function's role must allow sqs:GetQueueAttributes, by which batches are cut to its MaximumMessageSize";
  }
  if (error === undefined) return "raise the function's timeout";
  if (isAnswer(error)) return "SQS did not carry out the call; the code says why";
  return "check that the function can reach SQS: in a VPC it needs a NAT gateway or an endpoint for SQS";
}

function isTooLong(code: string, error: unknown): boolean {
  return code === "InvalidParameterValue" && error instanceof Error && error.message.includes("must be shorter than");
}

function codeOf(error: unknown): string {
  if (error === undefined) return "no time left";
  if (!(error instanceof Error)) return "unknown error";
  if (error.name === "TimeoutError" || error.name === "AbortError") {
    const { code } = error as NodeJS.ErrnoException;
    return code === undefined || code === "ETIMEDOUT" ? "timeout" : code;
  }
  return isAnswer(error) ? error.name : ((error as NodeJS.ErrnoException).code ?? error.name);
}

/** Whether SQS answered; otherwise nothing did. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && "$fault" in error;
}
