import type { FunctionError } from "./function-protocol.ts";

/** Anything thrown, in the words of Lambda's answer to a failed invocation. */
export function asFunctionError(thrown: unknown): FunctionError {
  if (!isError(thrown)) return { errorType: typeof thrown, errorMessage: asText(thrown), trace: [] };
  return { errorType: String(thrown.name), errorMessage: String(thrown.message), trace: stackLines(thrown) };
}

/** Anything thrown, as the JSON that Lambda's Node runtime logs. */
export function describeError(thrown: unknown): string {
  const { errorType, errorMessage, trace } = asFunctionError(thrown);
  try {
    return JSON.stringify({ errorType, errorMessage, ...(isError(thrown) ? { ...thrown } : {}), stack: trace });
  } catch {
    // An error may carry values that JSON cannot say, such as cycles and BigInt.
    return JSON.stringify({ errorType, errorMessage, stack: trace });
  }
}

/** The error that a caller of a local function gets: its name is the type of the handler's error. */
export function callerError({ errorType, errorMessage, trace }: FunctionError): Error {
  const error = new Error(errorMessage);
  error.name = errorType;
  if (trace.length > 0) error.stack = trace.join("\n");
  return error;
}

function stackLines(error: Error): string[] {
  return typeof error.stack === "string" ? error.stack.split("\n") : [];
}

// An error may come from another realm, as jest's and vm's do.
function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || Object.prototype.toString.call(thrown) === "[object Error]";
}

function asText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "a thrown value without text";
  }
}
