/** What the local commands and the process of a local function say to each other over the IPC channel. */

/** To the process: load the handler once, then run it once per `invoke`. */
export type HostRequest =
  | { kind: "load"; handler: string }
  | {
      kind: "invoke";
      requestId: string;
      eventJson: string;
      deadlineMs: number;
      /** The value of `_X_AMZN_TRACE_ID`. */
      traceHeader: string;
      /** Written to stdout and stderr after the last output of the invocation. */
      endOfOutput: string;
      context: FunctionContext;
    };

/** The part of Lambda's context object that does not change between invocations. */
export interface FunctionContext {
  functionName: string;
  functionVersion: string;
  invokedFunctionArn: string;
  memoryLimitInMB: string;
  logGroupName: string;
  logStreamName: string;
}

/** From the process. `failed` without a request id is about loading the module. */
export type HostAnswer =
  | { kind: "loaded"; durationMs: number }
  | { kind: "answered"; requestId: string; resultJson: string; durationMs: number; maxMemoryUsedMB: number }
  | { kind: "failed"; requestId?: string; error: FunctionError; durationMs: number; maxMemoryUsedMB: number };

/** An error in the words of Lambda's answer to a failed invocation. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}
