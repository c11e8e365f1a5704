import { mkdtempSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export const FORWARDER_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:DatadogForwarder";

/** `aws lambda get-function` of a Datadog Forwarder with these variables. */
export function aDatadogFunction(variables: Record<string, string> = {}, given: object = {}): object {
  return {
    Configuration: {
      FunctionName: "DatadogForwarder",
      FunctionArn: FORWARDER_ARN,
      Description: "Pushes logs, metrics and traces from AWS to Datadog.",
      Handler: "lambda_function.lambda_handler",
      MemorySize: 1024,
      Timeout: 120,
      Environment: { Variables: variables },
      ...given,
    },
    Tags: { dd_forwarder_version: "5.4.11", "aws:cloudformation:stack-name": "datadog" },
  };
}

/** `aws cloudformation describe-stacks` of one. */
export function aDatadogStack(parameters: Record<string, string>): object {
  const Parameters = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  return {
    Stacks: [{ StackName: "datadog", Description: "Pushes logs, metrics and traces from AWS to Datadog.", Parameters }],
  };
}

/** `aws lambda get-policy`, with a statement for each source. */
export function aPolicy(...sources: [service: string, sourceArn: string][]): object {
  const Statement = sources.map(([service, sourceArn]) => ({
    Effect: "Allow",
    Principal: { Service: service },
    Action: "lambda:InvokeFunction",
    ...(sourceArn && { Condition: { ArnLike: { "AWS:SourceArn": sourceArn } } }),
  }));
  return { Policy: JSON.stringify({ Version: "2012-10-17", Statement }), RevisionId: "1" };
}

/** The arguments that name files with these contents. */
export function saved(...contents: unknown[]): string[] {
  const directory = mkdtempSync(path.join(os.tmpdir(), "saved-"));
  return contents.flatMap((content, index) => {
    const file = path.join(directory, `${index}.json`);
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return ["--file", file];
  });
}
