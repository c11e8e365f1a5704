/** The function that log groups are subscribed to. */
import { PATTERN_VARIABLES } from "../config.ts";
import { createForwarder } from "./forwarder.ts";

// Before the settings are read, so that what is wrong with a pattern is told together with the rest.
const found = PATTERN_VARIABLES.some((variable) => process.env[variable] !== undefined)
  ? (await import("./check-patterns.ts")).checkPatterns(process.env)
  : undefined;

// OpenTelemetry's own variables; no more of them is read where none is an endpoint.
const otlp = Object.keys(process.env).some((name) => /^OTEL_EXPORTER_OTLP_(?:\w+_)?ENDPOINT$/.test(name))
  ? (await import("../config/otlp.ts")).readOtlpSettings(process.env)
  : undefined;

export const handler = createForwarder(process.env, found, otlp);
