const accountProblems = require("./account-problems.cjs");
const awsAccount = require("./aws-account.cjs");
const { parametersOf } = require("./parameters-of.cjs");

/** Stops `serverless deploy` before anything is made, when the account has or lacks what it would fail on half-way. */
module.exports = class CheckAccount {
  constructor(serverless, _options, { log }) {
    this.hooks = {
      "before:deploy:deploy": async () => {
        const provider = serverless.getProvider("aws");
        const deployment = {
          stackName: provider.naming.getStackName(),
          region: provider.getRegion(),
          functionNames: Object.fromEntries(
            Object.entries(serverless.service.functions).map(([key, { name }]) => [
              provider.naming.getLogGroupLogicalId(key),
              name,
            ]),
          ),
        };
        const account = awsAccount((region) => provider.getAwsSdkV3Config(region ? { region } : {}));
        const { problems, notes } = await accountProblems(parametersOf(serverless), deployment, account);
        if (problems.length > 0) throw new serverless.classes.Error(problems.join("\n\n"), "ACCOUNT_NOT_READY");
        for (const note of notes) log.notice(note);
      },
    };
  }
};
