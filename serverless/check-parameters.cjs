/**
 * Stops `serverless package` and `serverless deploy` when a parameter is missing, doubled or unknown.
 *
 * The other commands deploy nothing, so they work without parameters.
 */
module.exports = class CheckParameters {
  constructor(serverless) {
    this.hooks = {
      "before:package:cleanup": () => {
        const problems = [...apiKeyProblems(serverless), ...unknownParameters(serverless)];
        if (problems.length > 0) throw new serverless.classes.Error(problems.join("\n\n"), "INVALID_PARAMETERS");
      },
    };
  }
};

function apiKeyProblems(serverless) {
  const { DD_API_KEY_SECRET_ARN, DD_API_KEY_SSM_NAME } = serverless.service.functions.forwarder.environment;
  if (DD_API_KEY_SECRET_ARN && DD_API_KEY_SSM_NAME) {
    return ["The Datadog API key is in one place: give DdApiKeySecretArn or DdApiKeySsmParameterName, not both."];
  }
  if (DD_API_KEY_SECRET_ARN || DD_API_KEY_SSM_NAME) return [];
  return [
    [
      "No Datadog API key. Store it in Secrets Manager or in SSM and say where, with one of:",
      "  --param DdApiKeySecretArn=arn:aws:secretsmanager:<region>:<account>:secret:<name>",
      "  --param DdApiKeySsmParameterName=<name>",
    ].join("\n"),
  ];
}

/** A misspelt parameter would be ignored, and the forwarder would do what it was told not to do. */
function unknownParameters(serverless) {
  const known = [...Object.keys(serverless.configurationInput.params.default), "DdForwarderLog"];
  const given = (serverless.processedInput.options.param ?? []).map((param) => param.split("=")[0]);
  return given
    .filter((name) => !known.includes(name))
    .map((name) => `Unknown parameter ${name}. There are: ${known.join(", ")}.`);
}
