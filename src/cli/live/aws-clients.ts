/** The SDK's clients, with the region and the endpoint that AWS's own variables name. */
import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { LambdaClient } from "@aws-sdk/client-lambda";

type Environment = Readonly<Record<string, string | undefined>>;

export interface AwsClients {
  /** @param maxAttempts of a call */
  logs(maxAttempts?: number): Promise<CloudWatchLogsClient>;
  cloudFormation(): Promise<CloudFormationClient>;
  lambda(): Promise<LambdaClient>;
}

/** @param region "" = AWS's own variables and files */
export function awsClients(region: string, env: Environment): AwsClients {
  // CloudWatch Logs answers five to ten such calls a second, and tells whoever asks more often to wait.
  const config = { ...(region && { region }), maxAttempts: 8 };
  // Live Tail has a host of its own, `streaming-logs.…`, which an endpoint of one's own has not.
  const disableHostPrefix = Boolean(env.AWS_ENDPOINT_URL || env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS);
  return {
    async logs(maxAttempts = config.maxAttempts) {
      const sdk = await import("@aws-sdk/client-cloudwatch-logs");
      return new sdk.CloudWatchLogsClient({ ...config, maxAttempts, disableHostPrefix });
    },
    async cloudFormation() {
      const sdk = await import("@aws-sdk/client-cloudformation");
      return new sdk.CloudFormationClient(config);
    },
    async lambda() {
      const sdk = await import("@aws-sdk/client-lambda");
      return new sdk.LambdaClient(config);
    },
  };
}
