const { createRequire } = require("node:module");

/** Says, at the end of `serverless deploy`, what became of the log groups that are chosen by name, pattern or tag. */
module.exports = class TellSubscriptions {
  constructor(serverless, _options, { log }) {
    this.hooks = {
      "after:deploy:deploy": async () => {
        const { subscribe } = serverless.service.functions;
        if (!subscribe) return;
        const provider = serverless.getProvider("aws");
        const summary = await summaryOf(provider, provider.naming.getStackName()).catch(() => undefined);
        if (summary === undefined) return;
        log.notice();
        log.notice(`Log groups: ${summary}. Which, and why not, the log of ${subscribe.name} says:`);
        log.notice(`aws logs tail /aws/lambda/${subscribe.name} --region ${provider.getRegion()} --since 1h`);
      },
    };
  }
};

/** The output of the stack; undefined where it has none. */
async function summaryOf(provider, StackName) {
  // The command's own client: this one is not loaded from where the service is.
  const { CloudFormationClient, DescribeStacksCommand } = createRequire(require.main.filename)(
    "@aws-sdk/client-cloudformation",
  );
  const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  return Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === "Subscriptions")?.OutputValue;
}
