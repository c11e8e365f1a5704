import { CommandError } from "../command-error.ts";

/** What to do about an error that a call to AWS ended with. */
export function awsProblem(what: string, right: string, error: unknown): CommandError {
  return new CommandError(`${what}: ${reasonOf(error)}`, remedyFor(right, error), { cause: error });
}

export function isDenied(error: unknown): boolean {
  return /^(?:AccessDenied|UnauthorizedOperation|Forbidden)/.test((error as Error).name);
}

export function isThrottled(error: unknown): boolean {
  return /^(?:Throttl|TooManyRequests|RequestLimitExceeded|ServiceUnavailable|SlowDown)/.test((error as Error).name);
}

/** Where asking again, or asking something else, would end the same way. */
export function isWithoutAccount(error: unknown): boolean {
  const { name, message } = error as Error;
  return (
    /^(?:CredentialsProviderError|TokenProviderError|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidSignature)/.test(
      name,
    ) || /region is missing/i.test(message)
  );
}

/** AWS's messages of denial name who asked and what for, and nothing secret. */
export function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  const [sentence = ""] = message.split("\n");
  return name === "Error" ? sentence : `${name}: ${sentence}`;
}

function remedyFor(right: string, error: unknown): string {
  const { name, message } = error as Error;
  if (isDenied(error)) {
    return `Ask for the right ${right}. All of them: logs:DescribeLogGroups, logs:StartLiveTail, logs:FilterLogEvents, and cloudformation:ListStackResources for --stack.`;
  }
  if (/region is missing/i.test(message)) return "Say which region: --region eu-west-1, or AWS_REGION";
  if (isWithoutAccount(error) || /expired|security token|credential/i.test(message)) {
    return "Log in to AWS (aws sso login, aws configure), or name a profile of AWS: AWS_PROFILE=…";
  }
  if (name === "ResourceNotFoundException") return "Check the name, the region (--region) and the account.";
  if (isThrottled(error)) return "Wait a little, or follow fewer log groups.";
  return "Check the network, the region (--region) and AWS_ENDPOINT_URL.";
}
