/** What to do with the subscription filters of one log group. */
import { type Filter, type Forwarder, filterNameOf, functionNameIn, leadsTo, type Status } from "./log-groups.ts";

export interface Plan {
  status: Status;
  why: string;
  /** Whether our filter is put. */
  puts: boolean;
  /** Filters that go: after ours is put, or before it where there is no room for both. */
  removed: Filter[];
}

/**
 * How many filters CloudWatch Logs takes for a log group: its quota was two, as the reference of its API still says.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
export const MAX_FILTERS = { older: 2, newer: 5 };

/**
 * How a chosen log group comes to have exactly one filter that leads to the forwarder.
 *
 * A filter of somebody else's is never touched, unless its destination is among `replaceable`. One that the forwarder's
 * own stack made, in the time when it had a list of log groups, is taken over: CloudFormation deletes it at the end of the
 * very update that subscribes.
 *
 * @param replaceable function names, or ARNs of functions, streams and destinations
 */
export function planFor(filters: readonly Filter[], forwarder: Forwarder, replaceable: readonly string[]): Plan {
  const ourName = filterNameOf(forwarder);
  const ours = filters.filter(({ destinationArn }) => leadsTo(destinationArn, forwarder.functionArn));
  const own = ours.find(({ name }) => name === ourName);
  const ofStack = ours.filter((filter) => filter !== own && isOfStack(filter, forwarder));
  const manual = ours.filter((filter) => filter !== own && !ofStack.includes(filter));

  if (own && manual.some(({ pattern }) => pattern === "")) {
    const [twin] = manual as [Filter];
    return plan("removed", `its filter ${twin.name} leads to the forwarder as well: each event came twice`, false, [
      own,
    ]);
  }
  if (own) return plan("already", withPattern(own), false, ofStack);
  if (manual.length > 0) return plan("already", `by its filter ${shown(manual)}`, false, ofStack);

  // A filter of our name that leads elsewhere is overwritten by putting ours.
  const foreign = filters.filter((filter) => !ours.includes(filter) && filter.name !== ourName);
  const replaced = foreign.filter(({ destinationArn }) => replaceable.some((named) => isNamed(destinationArn, named)));
  if (replaced.length > 0) return plan("replaced", `in place of ${shown(replaced)}`, true, [...ofStack, ...replaced]);
  return plan("subscribed", ofStack.length > 0 ? `in place of ${shown(ofStack)}` : "", true, ofStack);
}

/** The filters that subscribing made for this forwarder. */
export function ownFilters(filters: readonly Filter[], forwarder: Forwarder): Filter[] {
  const ourName = filterNameOf(forwarder);
  return filters.filter(
    ({ name, destinationArn }) => name === ourName && leadsTo(destinationArn, forwarder.functionArn),
  );
}

/** Why a log group takes no more filters, and what to do. */
export function fullReason(filters: readonly Filter[]): string {
  return `it has ${filters.length} filters already, and CloudWatch Logs takes no more: ${shown(filters)}; remove one, or name its destination to have it replaced`;
}

/** The same where nobody has asked CloudWatch Logs: only putting a filter tells which quota an account has. */
export function fullReasonForetold(filters: readonly Filter[]): string {
  if (filters.length >= MAX_FILTERS.newer) return fullReason(filters);
  return `it has ${filters.length} filters already: ${shown(filters)}; it is subscribed all the same where the account's quota is ${MAX_FILTERS.newer}, and not where it is ${MAX_FILTERS.older}`;
}

/** CloudFormation's own names of filters begin with the stack's name and the logical id. */
function isOfStack({ name }: Filter, { stackName }: Forwarder): boolean {
  return stackName !== "" && name.startsWith(`${stackName}-Subscription`);
}

function isNamed(destinationArn: string, named: string): boolean {
  return named.startsWith("arn:") ? leadsTo(destinationArn, named) : functionNameIn(destinationArn) === named;
}

function withPattern({ pattern }: Filter): string {
  return pattern === "" ? "" : `somebody gave it the filter pattern ${JSON.stringify(pattern)}`;
}

function shown(filters: readonly Filter[]): string {
  return filters
    .map(({ name, destinationArn, pattern }) => {
      const [, , service = "", , , ...rest] = destinationArn.split(":");
      return `${name} (to ${service} ${rest.join(":")}${pattern === "" ? "" : `, pattern ${JSON.stringify(pattern)}`})`;
    })
    .join(", ");
}

function plan(status: Status, why: string, puts: boolean, removed: Filter[]): Plan {
  return { status, why, puts, removed };
}
