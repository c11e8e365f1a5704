/** The function that log groups are subscribed to. */
import { PATTERN_VARIABLES } from "../config.ts";
import { createForwarder } from "./forwarder.ts";

// Before the settings are read, so that what is wrong with a pattern is told together with the rest.
const found = PATTERN_VARIABLES.some((variable) => process.env[variable] !== undefined)
  ? (await import("./check-patterns.ts")).checkPatterns(process.env)
  : undefined;

export const handler = createForwarder(process.env, found);
