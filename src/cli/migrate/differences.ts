/** What this forwarder does otherwise than the Datadog Forwarder, on purpose. */
export interface Difference {
  what: string;
  /** The page with the reasons, in this repository. */
  page: string;
}

export const differences: readonly Difference[] = [
  {
    what: "Logs of another account carry that account in aws_account, host and lambda.arn, not the forwarder's.",
    page: "docs/decisions/0006-the-account-is-the-log-groups.md",
  },
  {
    what: "A log without a tracer's ids gets X-Ray's trace id with all its 128 bits.",
    page: "docs/decisions/0004-x-ray-ids-keep-128-bits.md",
  },
  {
    what: "What an intake does not take is sent again, then stored, and sent every ten minutes until it is taken; an invocation succeeds only when everything is delivered or stored.",
    page: "docs/decisions/0010-what-is-not-delivered-is-stored.md",
  },
  {
    what: "Metrics are delivered, stored and counted like logs; the function must reach https://api. and the site.",
    page: "docs/decisions/0013-a-metric-is-an-item-like-any-other.md",
  },
  {
    what: "Filters and rules see the decoded message, not JSON; they match in linear time, without look-ahead and back-references; what is stored is scrubbed too.",
    page: "docs/decisions/0014-scrubbing-sees-text.md",
  },
  {
    what: "The ddtags of a message are moved after it is filtered and scrubbed, and the rest of it stays byte for byte.",
    page: "docs/decisions/0015-a-messages-tags-are-moved-last.md",
  },
  {
    what: "While AWS's tags cannot be fetched, logs keep those that were known.",
    page: "docs/decisions/0016-old-tags-are-better-than-none.md",
  },
  {
    what: "A proxy is for the intakes: calls to AWS do not go through it, so that a VPC needs endpoints or a NAT gateway.",
    page: "docs/decisions/0017-the-proxy-is-the-intakes.md",
  },
  {
    what: "Spans are obfuscated by the same rules, and where those let a value through, by stricter ones.",
    page: "docs/decisions/0018-spans-are-obfuscated-where-they-are-noted.md",
  },
  {
    what: "Spans keep span_links, span_events and meta_struct, and their own attributes where a tag has the same name.",
    page: "docs/decisions/0019-what-a-span-gains.md",
  },
];
