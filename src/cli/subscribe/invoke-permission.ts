/** The one permission by which CloudWatch Logs may invoke the forwarder for every log group of its account and region. */
import { AddPermissionCommand, GetFunctionCommand, GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CommandError } from "../command-error.ts";
import { reasonOf } from "../live/aws-problem.ts";

export interface Permissions {
  /** The ARN of a function. @throws {CommandError} when there is none, or it may not be looked at */
  arnOf(functionName: string): Promise<{ functionArn: string; stackName: string }>;
  /** Whether CloudWatch Logs may invoke a function for every log group of its account and region. */
  has(functionArn: string): Promise<boolean>;
  add(functionArn: string): Promise<void>;
}

const STATEMENT = "subscribed-log-groups";

/** @param region "" = that of the environment */
export function awsPermissions(region: string): Permissions {
  const client = new LambdaClient({ ...(region && { region }), maxAttempts: 5 });

  return {
    async arnOf(functionName) {
      try {
        const { Configuration, Tags } = await client.send(new GetFunctionCommand({ FunctionName: functionName }));
        return {
          functionArn: Configuration?.FunctionArn?.split(":", 7).join(":") ?? "",
          stackName: Tags?.["aws:cloudformation:stack-name"] ?? "",
        };
      } catch (error) {
        throw new CommandError(`cannot read the function ${functionName}: ${reasonOf(error)}`, remedyFor(error), {
          cause: error,
        });
      }
    },

    async has(functionArn) {
      try {
        const { Policy = "{}" } = await client.send(new GetPolicyCommand({ FunctionName: functionArn }));
        return isPermittedForAll(Policy, functionArn);
      } catch (error) {
        if ((error as Error).name === "ResourceNotFoundException") return false;
        throw error;
      }
    },

    async add(functionArn) {
      const input = {
        FunctionName: functionArn,
        StatementId: STATEMENT,
        Action: "lambda:InvokeFunction",
        Principal: principalFor(functionArn),
        SourceArn: allLogGroups(functionArn),
      };
      await client.send(new AddPermissionCommand(input));
    },
  };
}

/** @param policy of the function, as JSON */
export function isPermittedForAll(policy: string, functionArn: string): boolean {
  const { Statement: statements = [] } = JSON.parse(policy) as {
    Statement?: {
      Principal?: { Service?: string };
      Condition?: Record<string, Record<string, string>>;
    }[];
  };
  return statements.some(({ Principal, Condition = {} }) => {
    const isOfLogs = /^logs\.(?:[a-z0-9-]+\.)?amazonaws\./.test(Principal?.Service ?? "");
    const sources = Object.values(Condition).flatMap((keys) =>
      Object.entries(keys).flatMap(([key, value]) => (key.toLowerCase() === "aws:sourcearn" ? [value] : [])),
    );
    return isOfLogs && sources.every((source) => source === allLogGroups(functionArn));
  });
}

function allLogGroups(functionArn: string): string {
  const [arn, partition, , region, account] = functionArn.split(":");
  return `${arn}:${partition}:logs:${region}:${account}:log-group:*`;
}

function principalFor(functionArn: string): string {
  return functionArn.startsWith("arn:aws-cn:") ? "logs.amazonaws.com.cn" : "logs.amazonaws.com";
}

function remedyFor(error: unknown): string {
  const { name, message } = error as Error;
  if (/region is missing/i.test(message)) return "Say which region: --region eu-west-1, or AWS_REGION";
  if (name === "CredentialsProviderError") {
    return "Log in to AWS (aws sso login, aws configure), or name a profile of AWS: AWS_PROFILE=…";
  }
  return "Check its name (--function), the region (--region), the account and that lambda:GetFunction is allowed.";
}
