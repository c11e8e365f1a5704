/** Who the forwarder is, and what it sends to: the same from one invocation to the next. */
import type { Context } from "aws-lambda";
import type { Destination } from "../destinations/destination.ts";
import type { Forwarder } from "../telemetry.ts";

declare const __VERSION__: string;

type Environment = Readonly<Record<string, string | undefined>>;

export interface Identity {
  forwarder: Forwarder;
  /** Destinations that no invocation uses. Each serves one at a time: it keeps what it made for the last resource. */
  freeDestinations: Destination[][];
}

/** @param last the one of the last invocation: it is another where the function is invoked by another ARN */
export function identityOf(context: Context, env: Environment, last: Identity | undefined): Identity {
  const { invokedFunctionArn = "", functionName, functionVersion = "" } = context;
  if (last?.forwarder.invokedFunctionArn === invokedFunctionArn) return last;
  const functionArn = invokedFunctionArn.toLowerCase();
  const forwarder = {
    functionArn,
    invokedFunctionArn,
    functionName: functionName ?? env.AWS_LAMBDA_FUNCTION_NAME ?? "",
    functionVersion: functionVersion === "$LATEST" ? "" : functionVersion,
    region: functionArn.split(":")[3] || env.AWS_REGION || "",
    version: __VERSION__,
    logGroup: env.AWS_LAMBDA_LOG_GROUP_NAME ?? "",
  };
  return { forwarder, freeDestinations: [] };
}
