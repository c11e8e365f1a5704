const { createHash } = require("node:crypto");
const commaList = require("./comma-list.cjs");
const isLogGroupName = require("./is-log-group-name.cjs");

// A function's resource policy takes 20 KB, and one of these statements is about 400 bytes.
const maxPermissions = 40;

/**
 * A subscription filter for each log group of the parameter `LogGroups`, and the permission for CloudWatch Logs to
 * invoke the forwarder for it.
 *
 * The resources are named after their log group, so adding or removing one leaves the others as they are. What is no log
 * group's name, and the forwarder's own log group, have none: `subscribe-problems.cjs` says what is wrong with them.
 */
module.exports = async ({ resolveVariable }) => {
  const ownLogGroup = `/aws/lambda/${await resolveVariable("param:FunctionName")}`;
  const given = commaList(await resolveVariable("param:LogGroups, null"));
  const logGroups = [...new Set(given)].filter((name) => isLogGroupName(name) && name !== ownLogGroup);

  const Resources = {};
  for (const logGroup of logGroups) {
    const oneForAll = logGroups.length > maxPermissions;
    const permission = oneForAll ? "PermissionForAllLogGroups" : logicalId("Permission", logGroup);
    Resources[permission] = {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: { "Fn::GetAtt": ["ForwarderLambdaFunction", "Arn"] },
        Action: "lambda:InvokeFunction",
        Principal: { "Fn::Sub": `logs.\${AWS::URLSuffix}` },
        // CloudWatch Logs names itself by the ARN of the log group with `:*` at its end.
        SourceArn: {
          "Fn::Sub": `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${oneForAll ? "" : `${logGroup}:`}*`,
        },
      },
    };
    Resources[logicalId("Subscription", logGroup)] = {
      Type: "AWS::Logs::SubscriptionFilter",
      DependsOn: permission,
      Properties: {
        LogGroupName: logGroup,
        FilterPattern: "",
        DestinationArn: { "Fn::GetAtt": ["ForwarderLambdaFunction", "Arn"] },
      },
    };
  }
  return { Resources };
};

/** Letters and digits only, as CloudFormation wants it; the hash keeps `/a-b` and `/a/b` apart. */
function logicalId(kind, logGroup) {
  const words = logGroup.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const hash = createHash("sha256").update(logGroup).digest("hex").slice(0, 8);
  return `${kind}${words.join("").slice(0, 80)}${hash}`;
}
