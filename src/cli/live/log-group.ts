export interface LogGroup {
  name: string;
  /** Without `:*` at its end. */
  arn: string;
  /** Whether Live Tail can follow it: not where its class is Infrequent Access. */
  isTailed: boolean;
}

export const accountOf = ({ arn }: LogGroup): string => arn.split(":")[4] ?? "";

/** Undefined where the text is no such ARN. */
export function logGroupOfArn(text: string): LogGroup | undefined {
  const [, arn, name] = /^(arn:[\w-]+:logs:[\w-]+:\d{12}:log-group:([^:*\s]{1,512}))(?::\*)?$/.exec(text) ?? [];
  return arn && name ? { arn, name, isTailed: true } : undefined;
}

/**
 * The log group that an event of Live Tail is of.
 *
 * @param identifier `123456789012:/aws/lambda/api`, a name or an ARN
 */
export function logGroupNamed(identifier: string, groups: readonly LogGroup[]): LogGroup | undefined {
  const parts = identifier.replace(/:\*$/, "").split(":");
  const name = parts.at(-1);
  const account = parts.length > 2 ? parts[4] : parts.length === 2 ? parts[0] : undefined;
  const named = groups.filter((group) => group.name === name);
  return named.find((group) => accountOf(group) === account) ?? named[0];
}
