const { createRequire } = require("node:module");

/**
 * What an account has, asked with the credentials that deploy: names, tags and dates, and the value of nothing.
 *
 * An answer that something is not there is `undefined` or false. Every other error is thrown.
 *
 * @param configFor a region, or undefined for the one that is deployed to → the configuration of a client
 */
module.exports = function awsAccount(configFor) {
  return {
    /** The tags of a function. */
    functionTags: (FunctionName) =>
      unless(["ResourceNotFoundException"], async () => {
        const { LambdaClient, GetFunctionCommand } = sdk("lambda");
        const client = new LambdaClient(await configFor());
        const { Tags, TagsError } = await client.send(new GetFunctionCommand({ FunctionName }));
        if (TagsError) throw Object.assign(new Error("the tags are not told"), { name: TagsError.ErrorCode });
        return Tags ?? {};
      }),

    /** `{ logClass }`. */
    logGroup: async (name) => {
      const { CloudWatchLogsClient, DescribeLogGroupsCommand } = sdk("cloudwatch-logs");
      const client = new CloudWatchLogsClient(await configFor());
      // Names are sorted, and none that begins with this one is before it.
      const { logGroups = [] } = await client.send(
        new DescribeLogGroupsCommand({ logGroupNamePrefix: name, limit: 1 }),
      );
      const found = logGroups.find(({ logGroupName }) => logGroupName === name);
      return found && { logClass: found.logGroupClass };
    },

    /** `{ name, destinationArn }` of each subscription filter of a log group. */
    filters: async (logGroupName) => {
      const { CloudWatchLogsClient, DescribeSubscriptionFiltersCommand } = sdk("cloudwatch-logs");
      const client = new CloudWatchLogsClient(await configFor());
      const { subscriptionFilters = [] } = await client.send(new DescribeSubscriptionFiltersCommand({ logGroupName }));
      return subscriptionFilters.map(({ filterName, destinationArn }) => ({ name: filterName, destinationArn }));
    },

    /** `{ name }` of each policy that subscribes the log groups of the account. */
    subscriptionPolicies: async () => {
      const { CloudWatchLogsClient, DescribeAccountPoliciesCommand } = sdk("cloudwatch-logs");
      const client = new CloudWatchLogsClient(await configFor());
      const policyType = "SUBSCRIPTION_FILTER_POLICY";
      const { accountPolicies = [] } = await client.send(new DescribeAccountPoliciesCommand({ policyType }));
      return accountPolicies.map(({ policyName }) => ({ name: policyName }));
    },

    isInStack: async (StackName, LogicalResourceId) => {
      const { CloudFormationClient, DescribeStackResourceCommand } = sdk("cloudformation");
      const client = new CloudFormationClient(await configFor());
      const found = await unless(["ValidationError"], () =>
        client.send(new DescribeStackResourceCommand({ StackName, LogicalResourceId })),
      );
      return found !== undefined;
    },

    /** `{ arn, isDeleted }`. */
    secret: (SecretId, region) =>
      unless(["ResourceNotFoundException"], async () => {
        const { SecretsManagerClient, DescribeSecretCommand } = sdk("secrets-manager");
        const client = new SecretsManagerClient(await configFor(region));
        const { ARN, DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
        return { arn: ARN, isDeleted: DeletedDate !== undefined };
      }),

    /** By name or ARN. */
    hasParameter: async (nameOrArn, region) => {
      const { SSMClient, DescribeParametersCommand } = sdk("ssm");
      const client = new SSMClient(await configFor(region));
      // The ARN of `key` and that of `/key` are the same.
      const path = nameOrArn.split(":parameter/").at(-1).replace(/^\//, "");
      const Values = nameOrArn.startsWith("arn:") ? [`/${path}`, ...(path.includes("/") ? [] : [path])] : [nameOrArn];
      const filter = { Key: "Name", Option: "Equals", Values };
      const { Parameters = [] } = await client.send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
      return Parameters.length > 0;
    },

    hasBucket: async (Bucket) => {
      const { S3Client, HeadBucketCommand } = sdk("s3");
      const client = new S3Client({ ...(await configFor()), followRegionRedirects: true });
      return (
        (await unless(["NotFound", "NoSuchBucket"], () => client.send(new HeadBucketCommand({ Bucket })))) !== undefined
      );
    },
  };
};

async function unless(names, call) {
  try {
    return await call();
  } catch (error) {
    if (names.includes(error.name)) return undefined;
    throw error;
  }
}

/** The command's own clients, where it has them: this file may lie where there are none. */
function sdk(name) {
  return createRequire(require.main.filename)(`@aws-sdk/client-${name}`);
}
