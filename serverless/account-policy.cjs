const logGroupsPermission = require("./log-groups-permission.cjs");
const subscribeParameters = require("./subscribe-parameters.cjs");

/**
 * One policy that subscribes every log group of the account and region, now and later, without those that are excluded;
 * the forwarder's own always is.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters-AccountLevel.html
 */
module.exports = async ({ resolveVariable }) => {
  const { isOfAccount, exclude } = await subscribeParameters.resolved(resolveVariable);
  if (!isOfAccount) return {};
  const functionName = await resolveVariable("param:FunctionName");
  const excluded = [...new Set([`/aws/lambda/${functionName}`, ...exclude])];
  return {
    Resources: {
      SubscribePermission: logGroupsPermission,
      AccountSubscription: {
        Type: "AWS::Logs::AccountPolicy",
        DependsOn: "SubscribePermission",
        Properties: {
          PolicyName: functionName,
          PolicyType: "SUBSCRIPTION_FILTER_POLICY",
          Scope: "ALL",
          PolicyDocument: { "Fn::Sub": `{"DestinationArn":"\${ForwarderLambdaFunction.Arn}","FilterPattern":""}` },
          SelectionCriteria: `LogGroupName NOT IN ${JSON.stringify(excluded)}`,
        },
      },
    },
  };
};
