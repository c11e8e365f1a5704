const logGroupsPermission = require("./log-groups-permission.cjs");
const subscribeParameters = require("./subscribe-parameters.cjs");

const logGroup = (name) => ({
  "Fn::Sub": `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:${name}`,
});
const lambdaFunction = (name) => ({
  "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${name}`,
});

/** What `${file(serverless/subscribe.cjs):<name>}` stands for in serverless.yml: nothing, unless log groups are chosen. */
module.exports = {
  /** The function that subscribes log groups. */
  function: async ({ resolveVariable }) => {
    const parameters = await subscribeParameters.resolved(resolveVariable);
    if (!parameters.isOn) return null;
    return {
      name: await nameOfFunction(resolveVariable),
      description: "Subscribes log groups to the forwarder.",
      handler: "dist/subscribe.handler",
      role: "SubscribeRole",
      memorySize: 256,
      // What there is no time for is done in a further invocation.
      timeout: 900,
      // CloudTrail may tell of two log groups at once, and CloudWatch Logs takes five changes a second.
      maximumRetryAttempts: 2,
      logRetentionInDays: Number(await resolveVariable("param:LogRetentionInDays")),
      environment: {
        FORWARDER_FUNCTION_ARN: { "Fn::GetAtt": ["ForwarderLambdaFunction", "Arn"] },
        STACK_NAME: { Ref: "AWS::StackName" },
        SUBSCRIBE_PREFIXES: parameters.prefixes.join(","),
        SUBSCRIBE_PATTERN: parameters.pattern,
        SUBSCRIBE_TAGS: parameters.tags.join(","),
        SUBSCRIBE_EXCLUDE: parameters.exclude.join(","),
        SUBSCRIBE_REPLACE: parameters.replace.join(","),
        SUBSCRIBE_DRY_RUN: String(parameters.isDryRun),
      },
    };
  },

  /** Its rights, the permission for CloudWatch Logs, the run at each deployment, and the rule for new log groups. */
  resources: async ({ resolveVariable }) => {
    const parameters = await subscribeParameters.resolved(resolveVariable);
    if (!parameters.isOn) return {};
    const name = await nameOfFunction(resolveVariable);
    return {
      Resources: {
        SubscribeRole: await role(parameters, name, resolveVariable),
        SubscribePermission: logGroupsPermission,
        LogGroupSubscriptions: {
          Type: "Custom::LogGroupSubscriptions",
          // On removal the other way round: the filters go while the function and its rights are there.
          DependsOn: ["SubscribePermission", "SubscribeRole", "SubscribeLogGroup"],
          Properties: {
            ServiceToken: { "Fn::GetAtt": ["SubscribeLambdaFunction", "Arn"] },
            Forwarder: { "Fn::GetAtt": ["ForwarderLambdaFunction", "Arn"] },
            Prefixes: parameters.prefixes.join(","),
            Pattern: parameters.pattern,
            Tags: parameters.tags.join(","),
            Exclude: parameters.exclude.join(","),
            Replace: parameters.replace.join(","),
            DryRun: String(parameters.isDryRun),
          },
        },
        ...(parameters.takesNew ? ruleForNewLogGroups(parameters) : {}),
        ...(parameters.intervalHours > 0 ? ruleForAll(parameters) : {}),
      },
      Outputs: {
        Subscriptions: {
          Description: "What became of the chosen log groups. The log of the subscribe function tells of each.",
          Value: { "Fn::GetAtt": ["LogGroupSubscriptions", "Summary"] },
        },
      },
    };
  },
};

async function nameOfFunction(resolveVariable) {
  return `${await resolveVariable("param:FunctionName")}-subscribe`;
}

async function role(parameters, name, resolveVariable) {
  const boundary = await resolveVariable("param:PermissionsBoundaryArn, null");
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      Path: await resolveVariable("param:IamRolePath, '/'"),
      PermissionsBoundary: boundary ?? { Ref: "AWS::NoValue" },
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
      Policies: [
        {
          PolicyName: "write-own-log",
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
                Resource: { "Fn::GetAtt": ["SubscribeLogGroup", "Arn"] },
              },
            ],
          },
        },
        {
          PolicyName: "subscribe-log-groups",
          PolicyDocument: { Version: "2012-10-17", Statement: statements(parameters, name) },
        },
      ],
    },
  };
}

function statements({ prefixes, tags, isDryRun }, name) {
  const chosen = prefixes.length > 0 ? prefixes.map((prefix) => logGroup(`${prefix}*`)) : [logGroup("*")];
  const functions = functionsOf(prefixes);
  return [
    // Which log groups are there, and which were subscribed when others were chosen, is to be found out.
    {
      Effect: "Allow",
      Action: ["logs:DescribeLogGroups", "logs:DescribeSubscriptionFilters", "logs:DeleteSubscriptionFilter"],
      Resource: logGroup("*"),
    },
    ...(isDryRun ? [] : [{ Effect: "Allow", Action: "logs:PutSubscriptionFilter", Resource: chosen }]),
    ...(tags.length > 0 ? [{ Effect: "Allow", Action: "logs:ListTagsForResource", Resource: chosen }] : []),
    // Whether a function is another forwarder.
    ...(functions.length > 0
      ? [{ Effect: "Allow", Action: "lambda:GetPolicy", Resource: functions.map(lambdaFunction) }]
      : []),
    // To go on where an invocation has no time left.
    { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: lambdaFunction(name) },
  ];
}

/** The names that functions may have whose log groups begin with one of the prefixes; without a prefix, any name. */
function functionsOf(prefixes) {
  const ofFunctions = "/aws/lambda/";
  const names = prefixes.flatMap((prefix) => {
    if (ofFunctions.startsWith(prefix)) return ["*"];
    const name = prefix.startsWith(ofFunctions) ? prefix.slice(ofFunctions.length) : "";
    return /^[\w-]+$/.test(name) ? [`${name}*`] : [];
  });
  return prefixes.length === 0 || names.includes("*") ? ["*"] : names;
}

function ruleForNewLogGroups({ tags }) {
  return {
    NewLogGroupsRule: {
      Type: "AWS::Events::Rule",
      Properties: {
        Description: "Has new log groups subscribed. Needs a trail of CloudTrail that records management events.",
        EventPattern: {
          source: ["aws.logs"],
          "detail-type": ["AWS API Call via CloudTrail"],
          detail: {
            eventSource: ["logs.amazonaws.com"],
            eventName: tags.length > 0 ? ["CreateLogGroup", "TagResource", "TagLogGroup"] : ["CreateLogGroup"],
            errorCode: [{ exists: false }],
          },
        },
        Targets: [{ Id: "subscribe", Arn: { "Fn::GetAtt": ["SubscribeLambdaFunction", "Arn"] } }],
      },
    },
    NewLogGroupsPermission: permissionFor("NewLogGroupsRule"),
  };
}

/** What nobody told of, and what somebody has changed. */
function ruleForAll({ intervalHours }) {
  return {
    AllLogGroupsRule: {
      Type: "AWS::Events::Rule",
      Properties: {
        Description: "Has all log groups looked at again.",
        // EventBridge refuses `rate(1 hours)`.
        ScheduleExpression: intervalHours === 1 ? "rate(1 hour)" : `rate(${intervalHours} hours)`,
        Targets: [
          {
            Id: "subscribe",
            Arn: { "Fn::GetAtt": ["SubscribeLambdaFunction", "Arn"] },
            Input: JSON.stringify({ subscribe: true }),
          },
        ],
      },
    },
    AllLogGroupsPermission: permissionFor("AllLogGroupsRule"),
  };
}

function permissionFor(rule) {
  return {
    Type: "AWS::Lambda::Permission",
    // Other forwarders know this one by its permission: it looks at no log group before they could.
    DependsOn: "SubscribePermission",
    Properties: {
      FunctionName: { "Fn::GetAtt": ["SubscribeLambdaFunction", "Arn"] },
      Action: "lambda:InvokeFunction",
      Principal: { "Fn::Sub": `events.\${AWS::URLSuffix}` },
      SourceArn: { "Fn::GetAtt": [rule, "Arn"] },
    },
  };
}
