/** The function that log groups are subscribed to. */
import { PATTERN_VARIABLES } from "../config.ts";
import { createForwarder } from "./forwarder.ts";

// Before the settings are read, so that what is wrong with a pattern is told together with the rest.
const found = PATTERN_VARIABLES.some((variable) => process.env[variable] !== undefined)
  ? (await import("./check-patterns.ts")).checkPatterns(process.env)
  : undefined;

// OpenTelemetry's own variables, of which no more is read where none is an endpoint, and the table of destinations.
const backends = Object.keys(process.env).some((name) =>
  /^(?:OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT|DESTINATIONS)$/.test(name),
)
  ? await (await import("./read-backends.ts")).readBackends(process.env)
  : undefined;

export const handler = createForwarder(process.env, found, backends);
