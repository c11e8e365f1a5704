/**
 * Lines that AWS writes into buckets as values alone: access logs of load balancers, CloudFront and S3, and VPC flow
 * logs. What each value is called is told by the service's pages; a line is told by how it begins, and how long it is.
 */
import { isJsonObject } from "./json-object.ts";

/** A kind of line: how it begins, what stands in it, and how many values are the fewest that it ever had. */
interface Kind {
  begins: RegExp;
  /** Goes before each name. */
  prefix: string;
  names: readonly string[];
  fewest: number;
  separator?: "\t";
}

const MAX_LINE_LENGTH = 65_536;
const TIME = String.raw`\d{4}-\d\d-\d\dT[\d:.]{8,15}Z`;
/** A value: in quotes, in brackets, or up to the next space. */
const VALUE = /"((?:[^"\\]|\\.)*)"(?= |$)|\[([^\]]*)\](?= |$)|([^ ]+)/y;

const KINDS: readonly Kind[] = [
  {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
    begins: new RegExp(`^(?:https?|h2|grpcs?|wss?) ${TIME} app/`),
    prefix: "aws.elb.",
    names: words(
      "type time elb client:port target:port request_processing_time target_processing_time response_processing_time elb_status_code target_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol target_group_arn trace_id domain_name chosen_cert_arn matched_rule_priority request_creation_time actions_executed redirect_url error_reason target:port_list target_status_code_list classification classification_reason conn_trace_id",
    ),
    fewest: 17,
  },
  {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
    begins: new RegExp(`^tls \\d\\.\\d ${TIME.replace("Z", "Z?")} net/`),
    prefix: "aws.elb.",
    names: words(
      "type version time elb listener client:port destination:port connection_time tls_handshake_time received_bytes sent_bytes incoming_tls_alert chosen_cert_arn chosen_cert_serial tls_cipher tls_protocol_version tls_named_group domain_name alpn_fe_protocol alpn_be_protocol alpn_client_preference_list tls_connection_creation_time",
    ),
    fewest: 18,
  },
  {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
    begins: new RegExp(`^${TIME} [\\w-]{1,64} [\\w.:[\\]]{3,64}:\\d{1,5} `),
    prefix: "aws.elb.",
    names: words(
      "time elb client:port backend:port request_processing_time backend_processing_time response_processing_time elb_status_code backend_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol",
    ),
    fewest: 12,
  },
  {
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
    begins: /^\d{4}-\d\d-\d\d\t\d\d:\d\d:\d\d\t[A-Z]{3}\d/,
    prefix: "aws.cloudfront.",
    names: words(
      "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end",
    ),
    fewest: 26,
    separator: "\t",
  },
  {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
    begins: /^[0-9a-f]{64} [a-z0-9.-]{3,63} \[\d\d\/[A-Z][a-z]{2}\/\d{4}:/,
    prefix: "aws.s3.access.",
    names: words(
      "bucket_owner bucket time remote_ip requester request_id operation key request_uri http_status error_code bytes_sent object_size total_time turn_around_time referer user_agent version_id host_id signature_version cipher_suite authentication_type host_header tls_version access_point_arn acl_required",
    ),
    fewest: 18,
  },
  {
    // https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
    begins: /^\d (?:\d{12}|unknown) eni-[0-9a-f]{1,32} /,
    prefix: "aws.vpc.flow.",
    names: words(
      "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status",
    ),
    fewest: 14,
  },
];

/**
 * What a line says, by name, without what it leaves open (`-`); undefined for a line of no known kind. A value behind the
 * last known name has none, and is left out.
 */
export function accessLogFields(line: string): Record<string, string> | undefined {
  if (line.length > MAX_LINE_LENGTH) return undefined;
  const kind = KINDS.find(({ begins }) => begins.test(line));
  if (!kind) return undefined;
  const { prefix, names, fewest, separator } = kind;
  const values = separator ? line.trimEnd().split(separator, names.length) : valuesIn(line.trimEnd(), names.length);
  if (values.length < fewest) return undefined;
  return namedFields(prefix, names, values);
}

/** The members in which a line is written by the names in its header, what goes before each name, and what between values. */
const HEADED: readonly [member: string, prefix: string, separators: string[]][] = [
  ["flow", "aws.vpc.flow.", [" "]],
  ["cloudfront", "aws.cloudfront.", ["\t", " ", ",", ";", "|"]],
];

/**
 * Fields of a line whose header named them, which stand in a member beside it.
 *
 * @param line as rules changed it; null: it is what it was, and so are the fields
 */
export function headedFields(
  event: Readonly<Record<string, unknown>>,
  line: string | null,
): Record<string, string> | undefined {
  for (const [member, prefix, separators] of HEADED) {
    const fields = event[member];
    if (!isJsonObject(fields)) continue;
    const names = Object.keys(fields);
    if (line === null) return namedFields(prefix, names, Object.values(fields).map(String));
    const separator = separators.find((candidate) => line.split(candidate).length === names.length);
    return separator === undefined ? undefined : namedFields(prefix, names, line.split(separator));
  }
  return undefined;
}

/** Names that CloudFront has for fields of its own, beside those of HTTP that others share. */
const CLOUDFRONT_OWN = /^(?:x-edge-|x-host-header$|DistributionId$|cs\(|fle-|sc-(?:bytes|status)$|cs-uri-stem$)/;
const CLOUDFRONT_NAME =
  /^(?:date|time|time-taken|time-to-first-byte|timestamp(?:\(ms\))?|DistributionId|asn|s-ip|r-host|sr-reason|cs\([\w-]{1,40}\)|(?:c|cs|sc|x|ssl|fle|origin|cmcd|cache-behavior|primary-distribution)-[\w-]{1,40})$/;

/** What CloudFront writes as JSON, by name; undefined for any other object. */
export function cloudFrontFields(object: Readonly<Record<string, unknown>>): Record<string, string> | undefined {
  const names = Object.keys(object);
  if (!names.some((name) => CLOUDFRONT_OWN.test(name)) || !names.every((name) => CLOUDFRONT_NAME.test(name))) {
    return undefined;
  }
  const values = Object.values(object);
  if (values.some((value) => typeof value === "object" && value !== null)) return undefined;
  return namedFields(
    "aws.cloudfront.",
    names,
    values.map((value) => String(value ?? "-")),
  );
}

function namedFields(prefix: string, names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.flatMap((value, index) => (value === "-" || value === "" ? [] : [[`${prefix}${names[index]}`, value]])),
  );
}

function valuesIn(line: string, most: number): string[] {
  const values: string[] = [];
  VALUE.lastIndex = 0;
  while (values.length < most) {
    const found = VALUE.exec(line);
    if (!found) break;
    values.push(found[1] ?? found[2] ?? found[3] ?? "");
    VALUE.lastIndex++;
  }
  return values;
}

function words(text: string): string[] {
  return text.split(" ");
}
