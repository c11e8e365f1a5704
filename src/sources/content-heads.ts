/** What the beginning of a content says about the rest of it. */

/** Members of an object before the one that is looked for; texts have no escapes in what AWS writes there. */
const MEMBERS = String.raw`^\{(?:\s{0,64}"\w{1,64}"\s{0,64}:\s{0,64}(?:"[^"\\]{0,512}"|\[[^\][{}]{0,512}\]|-?[\d.]{1,32}|null|true|false)\s{0,64},){0,8}\s{0,64}`;
const ENVELOPE = new RegExp(`${MEMBERS}"messageType"\\s{0,64}:\\s{0,64}"(?:DATA|CONTROL)_MESSAGE"`);
const RECORDS = new RegExp(`${MEMBERS}"(?:Records|configurationItems)"\\s{0,64}:\\s{0,64}\\[`);

/** Of a value, that are looked at. */
export const HEAD_BYTES = 1024;

/** Fields of VPC flow logs that stand in every header worth the name. */
const FLOW_FIELDS = new Set(
  "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status vpc-id subnet-id".split(
    " ",
  ),
);
const FIELD_NAME = /^[a-z][a-z0-9-]{0,40}$/;
const MAX_HEADER_LENGTH = 2_000;
const DEFAULT_FLOW_HEADER =
  "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status";

/** Whether it is what a subscription of CloudWatch Logs delivers. */
export function isEnvelopeHead(head: string): boolean {
  return head.includes("_MESSAGE") && ENVELOPE.test(head);
}

/** How long the beginning of an object is whose list holds the events (CloudTrail, AWS Config); 0: it is none. */
export function recordsHeadLength(head: string): number {
  if (!head.includes('"Records"') && !head.includes('"configurationItems"')) return 0;
  return RECORDS.exec(head)?.[0].length ?? 0;
}

/** The fields of VPC flow logs in the order of this header; undefined for a line that is none. */
export function flowFieldsIn(line: string): string[] | undefined {
  if (line.length > MAX_HEADER_LENGTH) return undefined;
  const names = line.trim().split(" ");
  const known = names.filter((name) => FLOW_FIELDS.has(name)).length;
  return known >= 3 && names.every((name) => FIELD_NAME.test(name)) ? names : undefined;
}

/** Whether everybody knows what stands where. */
export function isDefaultFlow(fields: readonly string[]): boolean {
  return fields.join(" ") === DEFAULT_FLOW_HEADER;
}

/** Names that CloudFront gives to fields, those of its real-time logs too; other W3C logs have others besides. */
const CLOUDFRONT_FIELD =
  /^(?:date|time|time-taken|time-to-first-byte|timestamp(?:\(ms\))?|DistributionId|asn|s-ip|r-host|sr-reason|cs\([\w-]{1,40}\)|(?:c|cs|sc|x|ssl|fle|origin|cmcd|cache-behavior|primary-distribution)-[\w-]{1,40})$/;
const DEFAULT_CLOUDFRONT_HEADER =
  "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end";
/** Fields of the default header that have always been there. */
const FEWEST_DEFAULT_FIELDS = 26;

/** The fields of CloudFront's logs in the order of this header (`#Fields: date time c-ip`); undefined for another line. */
export function cloudFrontFieldsIn(line: string): string[] | undefined {
  if (!line.startsWith("#Fields:") || line.length > MAX_HEADER_LENGTH) return undefined;
  // A header is written with blanks, or with what stands between the values.
  const names = line
    .slice("#Fields:".length)
    .trim()
    .split(/[\s,;|]+/);
  return names.every((name) => CLOUDFRONT_FIELD.test(name)) ? names : undefined;
}

export function isDefaultCloudFront(fields: readonly string[]): boolean {
  return fields.length >= FEWEST_DEFAULT_FIELDS && DEFAULT_CLOUDFRONT_HEADER.startsWith(fields.join(" "));
}

/** Says which program wrote a log; CloudFront does not. */
export function isSoftwareDirective(line: string): boolean {
  return line.startsWith("#Software:");
}

/** A comment at the front of the extended log file format of the W3C, which CloudFront writes. */
export function isW3cDirective(line: string): boolean {
  return /^#(?:Version|Fields|Software|Date|Start-Date|End-Date|Remark):/.test(line);
}
