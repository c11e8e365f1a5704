import { type QueueAction, QueueError } from "../../src/io/sqs-error.ts";

const URL_OF_QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/failed";

const fromSqs = (name: string, message = "no"): Error => Object.assign(new Error(message), { name, $fault: "client" });
const fromNetwork = (code: string): Error => Object.assign(new Error("no"), { code });
const textOf = (error: unknown, action: QueueAction = "SendMessage"): string =>
  new QueueError(action, URL_OF_QUEUE, error).message;

describe("an error of a queue", () => {
  it.each<[QueueAction, string]>([
    ["SendMessage", "put a failed batch into"],
    ["ReceiveMessage", "receive failed batches from"],
    ["DeleteMessage", "delete a failed batch from"],
    ["ChangeMessageVisibility", "change the visibility of messages in"],
    ["GetQueueAttributes", "read the attributes of"],
  ])("of %s says what could not be done, to which queue, and what the role must allow", (action, what) => {
    expect(textOf(fromSqs("AccessDenied"), action)).toBe(
      `cannot ${what} the queue ${URL_OF_QUEUE}: AccessDenied; the function's role must allow sqs:${action} on it, and so must the queue's policy if it is another account's`,
    );
  });

  it.each([
    [fromSqs("QueueDoesNotExist"), "check the region, the account and the name in its URL"],
    [fromSqs("InvalidAddress"), "check the region, the account and the name in its URL"],
    [fromSqs("KmsAccessDenied"), "kms:GenerateDataKey and kms:Decrypt"],
    [fromSqs("KMS.DisabledException"), "the queue's key must be enabled"],
    [fromSqs("InvalidSecurity"), "check the region in its URL"],
    [fromSqs("RequestThrottled"), "SQS refuses so many calls"],
    [fromSqs("OverLimit"), "too many of its messages are in flight"],
    [fromSqs("InvalidParameterValue", "Reason: Message must be shorter than 1024 bytes."), "sqs:GetQueueAttributes"],
    [fromSqs("InternalError"), "SQS did not carry out the call"],
    [fromNetwork("ENOTFOUND"), "check that the function can reach SQS"],
    [undefined, "raise the function's timeout"],
  ])("gives the remedy: %s", (error, remedy) => {
    expect(textOf(error)).toContain(remedy);
  });

  it("says timeout when there was no answer, and which error the network gave when there was one", () => {
    const ofSdk = (code?: string): Error => Object.assign(new Error("no"), { name: "TimeoutError", code });
    expect(textOf(ofSdk("ETIMEDOUT"))).toContain(": timeout; check that the function can reach SQS");
    expect(textOf(ofSdk())).toContain(": timeout; ");
    expect(textOf(ofSdk("ECONNRESET"))).toContain(": ECONNRESET; check that the function can reach SQS");
  });

  it("keeps the first error, unless its text may quote a message", () => {
    const first = fromSqs("AccessDenied");
    expect(new QueueError("SendMessage", URL_OF_QUEUE, first).cause).toBe(first);
    const quoting = new QueueError("ReceiveMessage", URL_OF_QUEUE, new SyntaxError('"secret" is not valid JSON'));
    expect(quoting.cause).toBeUndefined();
    expect(quoting.message).not.toContain("secret");
  });
});
