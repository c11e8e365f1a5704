/** The variables of the Datadog Forwarder that mean nothing here. Loaded only where one is set. */

interface Meaning {
  /** The value by which somebody may rely on it. */
  value: "true" | "false";
  instead: string;
}

const MEANINGS: Record<string, Meaning> = {
  DD_USE_TCP: { value: "true", instead: "logs are sent over HTTPS" },
  DD_USE_PRIVATE_LINK: {
    value: "true",
    instead: "give the endpoints private DNS names, or set DD_URL and DD_TRACE_INTAKE_URL to their hosts",
  },
  DD_FETCH_STEP_FUNCTIONS_TAGS: {
    value: "true",
    instead: "the Datadog Forwarder has not fetched them since 5.4.10 either",
  },
  DD_FORWARD_METRIC: { value: "false", instead: "metrics are forwarded" },
  DD_FORWARD_METRICS: { value: "false", instead: "metrics are forwarded" },
  DD_FORWARD_TRACES: { value: "false", instead: "traces are forwarded" },
  DD_TRACE_ENABLED: { value: "true", instead: "the forwarder does not trace itself" },
  DD_ENHANCED_METRICS: {
    value: "true",
    instead: "the forwarder's own figures are in its ledger and, as aws.dd_forwarder.*, in CloudWatch",
  },
};

/** A sentence for each variable that was meant to do something, in the order of the list above. */
export function remarksOn(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(MEANINGS)
    .filter(([variable, { value }]) => env[variable]?.trim().toLowerCase() === value)
    .map(([variable, { value, instead }]) => `${variable}=${value} has no effect: ${instead}`);
}

/** Why a variable does nothing here; undefined for one that does something, or is not known. */
export function reasonWithoutEffect(variable: string): string | undefined {
  return Object.hasOwn(MEANINGS, variable) ? MEANINGS[variable]?.instead : undefined;
}
