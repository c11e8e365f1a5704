const commaList = require("./comma-list.cjs");
const { listIn } = require("./destinations.cjs");
const isTrue = require("./is-true.cjs");

// Of a log group. The older quota, which the API's reference still has, is two.
// @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
const maxFilters = { older: 2, newer: 5 };
const ofStack = "aws:cloudformation:stack-name";

/**
 * What the account and region have, or lack, that CloudFormation or the deployed function would fail on: a sentence or two
 * each, with the remedy.
 *
 * An intrinsic function of CloudFormation, such as `!ImportValue`, is not looked into. What cannot be looked at, because
 * the caller has no right to it, is a note, and so is what may work.
 *
 * @param parameters all of them, by name
 * @param deployment `stackName`, `region`, and `functionNames` of the functions by the logical ids of their log groups
 * @param account the questions, as `aws-account.cjs` answers them
 * @returns `{ problems, notes }`
 */
module.exports = async function accountProblems(parameters, deployment, account) {
  const { region } = deployment;
  const notes = [];
  const checks = [
    ...Object.entries(deployment.functionNames).map(([logicalId, name]) => ({
      what: `whether the function ${name} is another stack's`,
      find: () => functionProblem(name, logicalId, deployment, account),
    })),
    ...texts(commaList(parameters.LogGroups)).map((name) => ({
      what: `whether the log group ${name} exists, and has room for a subscription filter`,
      find: () => logGroupProblem(name, deployment, account, notes),
    })),
    ...["DdApiKeySecretArn", "OtlpHeadersSecretArn"].flatMap((parameter) =>
      texts([parameters[parameter]]).map((arn) => ({
        what: `whether the secret of ${parameter} exists`,
        find: () => secretProblem(parameter, arn, region, account),
      })),
    ),
    ...(listIn(parameters.Destinations) ?? []).flatMap((entry, at) => destinationChecks(entry, at, region, account)),
    ...["DdApiKeySsmParameterName", "OtlpHeadersSsmParameterName"].flatMap((parameter) =>
      texts([parameters[parameter]]).map((name) => ({
        what: `whether the parameter of ${parameter} exists`,
        find: () => ssmProblem(parameter, name, region, account),
      })),
    ),
    ...texts([parameters.DdForwarderBucketName]).map((name) => ({
      what: `whether there is a bucket ${name} already`,
      find: () => newBucketProblem(name, deployment, account),
    })),
    ...(isTrue(parameters.SubscribeAccount)
      ? [
          {
            what: "whether the account has a policy of subscription filters already",
            find: () => policyProblem(deployment, account),
          },
        ]
      : []),
    ...texts([parameters.DdForwarderExistingBucketName]).map((name) => ({
      what: `whether the bucket ${name} exists`,
      find: async () =>
        (await account.hasBucket(name))
          ? undefined
          : `There is no bucket ${name}: give DdForwarderExistingBucketName one that is there, or leave it out, and a bucket is made.`,
    })),
  ];
  const found = await Promise.all(
    checks.map(async ({ what, find }) => {
      try {
        return await find();
      } catch (error) {
        notes.push(`Not known before deploying: ${what} (${error.name}).`);
        return undefined;
      }
    }),
  );
  return { problems: [...new Set(found.filter(Boolean))], notes };
};

/** A name that another stack has, or somebody, fails the stack after it has made the half of what it makes. */
async function functionProblem(name, logicalId, { stackName, region }, account) {
  const tags = await account.functionTags(name);
  if (tags !== undefined) {
    const owner = tags[ofStack];
    if (owner === stackName) return undefined;
    return [
      `In ${region} there is a function ${name} already, ${owner ? `of the stack ${owner}` : "which no stack has made"}.`,
      owner
        ? "To change that forwarder, deploy with its --stage; for one beside it, give another FunctionName; or remove it first."
        : "Give another FunctionName, or remove that function first.",
    ].join(" ");
  }
  const logGroup = `/aws/lambda/${name}`;
  if (!(await account.logGroup(logGroup)) || (await account.isInStack(stackName, logicalId))) return undefined;
  return [
    `In ${region} there is a log group ${logGroup} already, of a function that is there no more, and the stack would make one.`,
    `Give another FunctionName, or remove it with its log: aws logs delete-log-group --region ${region} --log-group-name ${logGroup}`,
  ].join(" ");
}

/** What the entry of a table of destinations names: where its key or headers are, and the bucket of an archive. */
function destinationChecks({ name, type, secretArn, ssmName, bucket }, at, region, account) {
  const entry = `Destinations, entry ${typeof name === "string" ? JSON.stringify(name) : at + 1}`;
  return [
    ...texts([secretArn]).map((arn) => ({
      what: `whether the secret of ${entry}, exists`,
      find: () => secretProblem(entry, arn, region, account),
    })),
    ...texts([ssmName]).map((parameter) => ({
      what: `whether the parameter of ${entry}, exists`,
      find: () => ssmProblem(entry, parameter, region, account),
    })),
    ...texts(type === "s3" ? [bucket] : []).map((archive) => ({
      what: `whether the bucket of ${entry}, exists`,
      find: async () =>
        (await account.hasBucket(archive))
          ? undefined
          : `${entry}: there is no bucket ${archive}. Make it first, or give one that is there.`,
    })),
  ];
}

/** The bucket of a forwarder that was removed has stayed. */
async function newBucketProblem(name, { stackName }, account) {
  if (!(await account.hasBucket(name)) || (await account.isInStack(stackName, "FailureBucket"))) return undefined;
  return [
    `There is a bucket ${name} already, and the stack would make one. Where it is yours, as that of a forwarder that was`,
    `removed is, give it as DdForwarderExistingBucketName instead: what is in it is sent. Or give another DdForwarderBucketName.`,
  ].join(" ");
}

/** An account has one in a region. */
async function policyProblem({ stackName, region }, account) {
  const [policy] = await account.subscriptionPolicies();
  if (!policy || (await account.isInStack(stackName, "AccountSubscription"))) return undefined;
  return [
    `SubscribeAccount: in ${region} the account has the policy of subscription filters ${policy.name} already, and CloudWatch Logs`,
    `takes one. Give SubscribePrefixes instead, or remove that one, and what it subscribes with it:`,
    `aws logs delete-account-policy --region ${region} --policy-type SUBSCRIPTION_FILTER_POLICY --policy-name ${policy.name}`,
  ].join(" ");
}

async function logGroupProblem(name, deployment, account, notes) {
  const { region } = deployment;
  const found = await account.logGroup(name);
  if (!found) {
    return [
      `LogGroups has ${name}, and there is no such log group in ${region}. A function's is made when it first writes:`,
      `leave it out until then, or make it now: aws logs create-log-group --region ${region} --log-group-name ${name}`,
    ].join(" ");
  }
  if (found.logClass !== undefined && found.logClass !== "STANDARD") {
    return `LogGroups has ${name}, which is of the class ${found.logClass} and takes no subscription filter: leave it out.`;
  }
  const filters = await account.filters(name);
  const isSubscribed = filters.some((filter) => filter.name.startsWith(`${deployment.stackName}-Subscription`));
  if (isSubscribed || filters.length < maxFilters.older) return undefined;
  const has = `LogGroups has ${name}, which has ${filters.length} subscription filters already: ${filters.map(shown).join(", ")}.`;
  const remedy = `aws logs delete-subscription-filter --region ${region} --log-group-name ${name} --filter-name ${filters[0].name}`;
  if (filters.length >= maxFilters.newer) {
    return `${has} CloudWatch Logs takes no more: leave it out, or remove one that nobody needs, as with: ${remedy}`;
  }
  notes.push(
    `${has} CloudWatch Logs takes ${maxFilters.newer}, and in accounts with the older quota ${maxFilters.older}: there this deployment fails and is undone. Then leave it out, or remove one that nobody needs, as with: ${remedy}`,
  );
  return undefined;
}

/** As in `archive (to firehose deliverystream/archive)`. */
function shown({ name, destinationArn }) {
  const [, , service, , , ...resource] = destinationArn.split(":");
  return `${name} (to ${service} ${resource.join(":")})`;
}

async function secretProblem(parameter, arn, region, account) {
  const place = regionOf(arn) ?? region;
  const found = await account.secret(arn, place);
  if (!found) {
    return `${parameter}: there is no secret ${arn} in ${place}. Take its complete ARN, with the six characters at its end, from: aws secretsmanager list-secrets --region ${place}`;
  }
  if (!found.isDeleted && found.arn !== arn) {
    return `${parameter}: ${arn} is not the complete ARN of the secret, so the function would have no right to it. Give ${found.arn}`;
  }
  if (!found.isDeleted) return undefined;
  return `${parameter}: the secret ${arn} is being deleted. Give another one, or: aws secretsmanager restore-secret --region ${place} --secret-id ${arn}`;
}

async function ssmProblem(parameter, name, region, account) {
  const place = regionOf(name) ?? region;
  if (await account.hasParameter(name, place)) return undefined;
  return `${parameter}: there is no parameter ${name} in ${place}. Store it there first: aws ssm put-parameter --region ${place} --type SecureString --name … --value …`;
}

function regionOf(nameOrArn) {
  return nameOrArn.startsWith("arn:") ? nameOrArn.split(":")[3] : undefined;
}

function texts(values) {
  return [...new Set(values.filter((value) => typeof value === "string" && value !== ""))];
}
