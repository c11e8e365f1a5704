/** Settings whose cost is measured, each beside the default: add a row for every setting that does work when it is on. */
export const OPTIONS = [
  { name: "logs left out", settings: { DD_FORWARD_LOG: "false" } },
  { name: "no compression", settings: { DD_USE_COMPRESSION: "false" } },
  { name: "gzip level 1", settings: { DD_COMPRESSION_LEVEL: "1" } },
  { name: "gzip level 9", settings: { DD_COMPRESSION_LEVEL: "9" } },
  { name: "five tags", settings: { DD_TAGS: "team:checkout,env:prod,region:eu,tier:1,owner:orders" } },
  { name: "debug log", settings: { DD_LOG_LEVEL: "DEBUG" } },
];

/** On these. */
export const OPTION_DELIVERIES = ["lambda-100k", "trace-100k"];
