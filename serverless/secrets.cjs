const apiKey = require("./api-key.cjs");
const otlpHeaders = require("./otlp-headers.cjs");
const policy = require("./policy.cjs");

/** Lets the function read the Datadog API key and the headers of an OpenTelemetry backend, where they are secrets. */
module.exports = async (given) => policy("read-api-key", [...(await apiKey(given)), ...(await otlpHeaders(given))]);
