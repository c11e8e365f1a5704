/** The nouns of subscribing, and what of AWS it needs. */

export interface LogGroup {
  name: string;
  /** Without `:*` at its end. */
  arn: string;
  /** STANDARD, INFREQUENT_ACCESS or DELIVERY; only the first takes subscription filters. */
  logClass: string;
}

export interface Filter {
  name: string;
  /** A function, stream or destination. */
  destinationArn: string;
  /** "" lets every event pass. */
  pattern: string;
  /** What streams and destinations need, and functions do not. */
  roleArn?: string | undefined;
  distribution?: string | undefined;
}

export interface LogGroupPage {
  logGroups: LogGroup[];
  /** "" = this was the last page. CloudWatch Logs forgets it after a day. */
  nextToken: string;
}

/** What may throw may throw whatever the SDK throws. */
export interface LogGroupsApi {
  /** By name, in the order of their bytes. @param prefix "" = all @param token "" = the first page */
  page(prefix: string, token: string): Promise<LogGroupPage>;
  filters(logGroup: string): Promise<Filter[]>;
  tags(arn: string): Promise<ReadonlyMap<string, string>>;
  putFilter(logGroup: string, filter: Filter): Promise<void>;
  /** That there is no such filter is no error. */
  deleteFilter(logGroup: string, filterName: string): Promise<void>;
  /** Whether CloudWatch Logs may invoke a function of this account and region; false when there is no such function. */
  takesLogs(functionName: string): Promise<boolean>;
}

/** The function that log groups are subscribed to. */
export interface Forwarder {
  functionArn: string;
  /** Of its CloudFormation stack; "" = not known. */
  stackName: string;
}

export const STATUSES = ["subscribed", "replaced", "removed", "already", "left", "refused", "failed"] as const;

/**
 * What became of a log group. `left`: a person must decide, or the log group cannot be subscribed. `refused`: subscribing
 * it would make a loop.
 */
export type Status = (typeof STATUSES)[number];

export interface Finding {
  logGroup: string;
  status: Status;
  /** A sentence without a full stop; "" where the status says everything. */
  why: string;
}

/** The name of the filters that subscribing makes, and by which it knows them again. */
export function filterNameOf(forwarder: Forwarder): string {
  return `subscribed-to-${functionNameIn(forwarder.functionArn)}`;
}

/** Of an ARN, with or without a version or alias. */
export function functionNameIn(functionArn: string): string {
  return functionArn.split(":")[6] ?? "";
}

/** Whether a destination is this function, a version of it or an alias. */
export function leadsTo(destinationArn: string, functionArn: string): boolean {
  return destinationArn.split(":", 7).join(":") === functionArn.split(":", 7).join(":");
}
