/** CloudWatch Logs and Lambda, as subscribing needs them. Whoever calls tries again: each call here is made once. */
import {
  CloudWatchLogsClient,
  DeleteSubscriptionFilterCommand,
  DescribeLogGroupsCommand,
  DescribeSubscriptionFiltersCommand,
  type Distribution,
  ListTagsForResourceCommand,
  PutSubscriptionFilterCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Filter, LogGroupPage, LogGroupsApi } from "../subscriptions/log-groups.ts";

/** The most that one answer holds. */
const PAGE_SIZE = 50;
const TIMEOUTS = { connectionTimeout: 5_000, requestTimeout: 15_000, throwOnRequestTimeout: true };

/** @param region "" = that of the environment */
export function awsLogGroups(region = ""): LogGroupsApi {
  const config = { ...(region && { region }), maxAttempts: 1, requestHandler: TIMEOUTS };
  const logs = new CloudWatchLogsClient(config);
  const lambda = new LambdaClient(config);

  return {
    async page(prefix, token): Promise<LogGroupPage> {
      const { logGroups = [], nextToken = "" } = await logs.send(
        new DescribeLogGroupsCommand({
          limit: PAGE_SIZE,
          ...(prefix && { logGroupNamePrefix: prefix }),
          ...(token && { nextToken: token }),
        }),
      );
      return {
        logGroups: logGroups.map(({ logGroupName = "", arn = "", logGroupArn, logGroupClass = "" }) => ({
          name: logGroupName,
          arn: logGroupArn ?? arn.replace(/:\*$/, ""),
          logClass: logGroupClass,
        })),
        nextToken,
      };
    },

    async filters(logGroupName): Promise<Filter[]> {
      const { subscriptionFilters = [] } = await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName }));
      return subscriptionFilters.map(({ filterName = "", destinationArn = "", filterPattern = "", ...rest }) => ({
        name: filterName,
        destinationArn,
        pattern: filterPattern,
        roleArn: rest.roleArn,
        distribution: rest.distribution,
      }));
    },

    async tags(resourceArn) {
      const { tags = {} } = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
      return new Map(Object.entries(tags));
    },

    async putFilter(logGroupName, { name, destinationArn, pattern, roleArn, distribution }) {
      await logs.send(
        new PutSubscriptionFilterCommand({
          logGroupName,
          filterName: name,
          filterPattern: pattern,
          destinationArn,
          roleArn,
          distribution: distribution as Distribution | undefined,
        }),
      );
    },

    async deleteFilter(logGroupName, filterName) {
      try {
        await logs.send(new DeleteSubscriptionFilterCommand({ logGroupName, filterName }));
      } catch (error) {
        if ((error as Error).name !== "ResourceNotFoundException") throw error;
      }
    },

    async takesLogs(functionName) {
      try {
        const { Policy = "{}" } = await lambda.send(new GetPolicyCommand({ FunctionName: functionName }));
        return mayBeInvokedByLogs(Policy);
      } catch (error) {
        // There is no such function, or nobody was given a right to it.
        if ((error as Error).name === "ResourceNotFoundException") return false;
        throw error;
      }
    },
  };
}

/** @param policy of a function, as JSON */
export function mayBeInvokedByLogs(policy: string): boolean {
  const { Statement: statements = [] } = JSON.parse(policy) as {
    Statement?: { Effect?: string; Principal?: unknown }[];
  };
  return statements.some(({ Effect, Principal }) => {
    const { Service = [] } = (typeof Principal === "object" && Principal ? Principal : {}) as {
      Service?: string | string[];
    };
    return (
      Effect === "Allow" && [Service].flat().some((service) => /^logs\.(?:[a-z0-9-]+\.)?amazonaws\./.test(service))
    );
  });
}
