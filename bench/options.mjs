/** Settings whose cost is measured, each beside the default: add a row for every setting that does work when it is on. `<port>` is the local intake's. */
export const OPTIONS = [
  { name: "logs left out", settings: { DD_FORWARD_LOG: "false" } },
  { name: "no compression", settings: { DD_USE_COMPRESSION: "false" } },
  { name: "gzip level 1", settings: { DD_COMPRESSION_LEVEL: "1" } },
  { name: "gzip level 9", settings: { DD_COMPRESSION_LEVEL: "9" } },
  { name: "five tags", settings: { DD_TAGS: "team:checkout,env:prod,region:eu,tier:1,owner:orders" } },
  { name: "included by words", settings: { INCLUDE_AT_MATCH: "(?i)start|end|report|info|error|request" } },
  { name: "excluded by words", settings: { EXCLUDE_AT_MATCH: "(?i)heartbeat|health.?check" } },
  { name: "addresses redacted", settings: { REDACT_IP: "true", REDACT_EMAIL: "true" } },
  {
    name: "scrubbed by a rule",
    settings: { DD_SCRUBBING_RULE: "(password|token)=\\S+", DD_SCRUBBING_RULE_REPLACEMENT: "\\1=xxxxx" },
  },
  { name: "cards kept", settings: { DD_APM_OBFUSCATION_CREDIT_CARDS_ENABLED: "false" } },
  { name: "no stack traces", settings: { DD_APM_OBFUSCATION_REMOVE_STACK_TRACES: "true" } },
  { name: "function spans", settings: { FUNCTION_SPANS: "true" } },
  {
    name: "a tenth of the logs",
    settings: { LOG_SAMPLING_RATE: "0.1", LOG_SAMPLING_KEEP_SLOWER_THAN_MS: "2000" },
  },
  {
    name: "two destinations",
    settings: {
      DESTINATIONS: JSON.stringify([{ name: "second", type: "otlp", endpoint: "http://127.0.0.1:<port>" }]),
    },
  },
  { name: "debug log", settings: { DD_LOG_LEVEL: "DEBUG" } },
];

/** On these. */
export const OPTION_DELIVERIES = ["lambda-100k", "trace-100k"];
