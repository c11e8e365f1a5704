const { createHash } = require("node:crypto");
const commaList = require("./comma-list.cjs");

// A function's resource policy takes 20 KB, and one of these statements is about 400 bytes.
const maxPermissions = 40;

/**
 * A subscription filter for each log group of the parameter `LogGroups`, and the permission for CloudWatch Logs to
 * invoke the forwarder for it.
 *
 * The resources are named after their log group, so adding or removing one leaves the others as they are.
 */
module.exports = async ({ resolveVariable }) => {
  const logGroups = [...new Set(commaList(await resolveVariable("param:LogGroups, null")))];
  const ownLogGroup = `/aws/lambda/${await resolveVariable("param:FunctionName")}`;
  for (const logGroup of logGroups) refuseUnusable(logGroup, ownLogGroup);

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

function refuseUnusable(logGroup, ownLogGroup) {
  if (logGroup === ownLogGroup) {
    throw problem(`LogGroups has ${logGroup}, the forwarder's own log group: it would forward its own log for ever.`);
  }
  if (!/^[\w.\-/#]{1,512}$/.test(logGroup)) {
    throw problem(`LogGroups has "${logGroup}", which cannot be a log group's name: give names, not ARNs or patterns.`);
  }
}

// The command line prints the stack of an error, which here would say nothing to its reader.
function problem(message) {
  return Object.assign(new Error(message), { stack: message });
}

/** Letters and digits only, as CloudFormation wants it; the hash keeps `/a-b` and `/a/b` apart. */
function logicalId(kind, logGroup) {
  const words = logGroup.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const hash = createHash("sha256").update(logGroup).digest("hex").slice(0, 8);
  return `${kind}${words.join("").slice(0, 80)}${hash}`;
}
