/** What lines say of their requests and traces that say little. */
import type { LogContext } from "../telemetry.ts";

/** What says no more than its request. All are made here, so that V8 knows one shape of them. @param requestId "" = none */
export function aContext(requestId: string): LogContext {
  return new SaidContext(requestId);
}

/** A class, not an object literal (decision 58). */
class SaidContext implements LogContext {
  platform: LogContext["platform"] = "";
  declare requestId: string;
  declare isRequestIdCertain: boolean;
  traceId = "";
  spanId = "";
  xrayTraceId = "";
  service = "";
  env = "";
  version = "";
  isDatadog = false;
  atOnce: LogContext["atOnce"] = 0;

  constructor(requestId: string) {
    this.requestId = requestId;
    this.isRequestIdCertain = requestId !== "";
  }
}

/** What a line says that carries nothing but the runtime's request id; null when that is "". */
export function contextOfRuntime(requestId: string): LogContext | null {
  return requestId ? aContext(requestId) : null;
}

/**
 * What a line says that the platform writes around a request, as text: functions that take several requests at once log
 * in JSON, and in nothing else.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function contextOfPlatform(platform: LogContext["platform"], requestId: string): LogContext {
  const context = aContext(requestId);
  context.platform = platform;
  context.atOnce = 1;
  return context;
}
