/** The registry of trace formats: one import and one entry each. The first that reads a line has it. */
import { datadogTraces } from "./datadog.ts";
import type { TraceFormat } from "./trace-format.ts";

export const traceFormats: readonly TraceFormat[] = [datadogTraces];
