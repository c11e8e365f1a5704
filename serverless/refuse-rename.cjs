const { createRequire } = require("node:module");

/**
 * Stops `serverless deploy` where it would give the function of a stack another name.
 *
 * CloudFormation would make a second function and then remove the first: its log, the events that wait for it and its
 * subscriptions would go with it, and what it has stored is kept under its name.
 */
module.exports = class RefuseRename {
  constructor(serverless) {
    this.hooks = {
      "before:deploy:deploy": async () => {
        const provider = serverless.getProvider("aws");
        const StackName = provider.naming.getStackName();
        const deployed = await deployedName(provider, StackName);
        const { name } = serverless.service.functions.forwarder;
        if (deployed === undefined || deployed === name) return;
        throw new serverless.classes.Error(
          [
            `The stack ${StackName} has the function ${deployed}, and FunctionName is ${name} now. A function cannot be renamed:`,
            "another one would take its place, without its log, its subscriptions and what it has stored.",
            `Give FunctionName=${deployed}, or deploy the new name as a stack of its own (--stage), subscribe it, and remove this one.`,
          ].join("\n"),
          "FUNCTION_RENAMED",
        );
      },
    };
  }
};

/** The name of the function that a stack has; undefined when there is none. */
async function deployedName(provider, StackName) {
  // The command's own client: this one is not loaded from where the service is.
  const sdk = createRequire(require.main.filename)("@aws-sdk/client-cloudformation");
  const client = new sdk.CloudFormationClient(await provider.getAwsSdkV3Config());
  try {
    const LogicalResourceId = "ForwarderLambdaFunction";
    const { StackResourceDetail } = await client.send(
      new sdk.DescribeStackResourceCommand({ StackName, LogicalResourceId }),
    );
    return StackResourceDetail.PhysicalResourceId;
  } catch (error) {
    // Whoever may deploy and not look deploys as before.
    if (/does not exist|not authorized/.test(error.message)) return undefined;
    throw error;
  }
}
