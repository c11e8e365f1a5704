const destinationProblems = require("./destination-problems.cjs");
const functionProblems = require("./function-problems.cjs");
const legacyParameters = require("./legacy-parameters.cjs");
const otlpProblems = require("./otlp-problems.cjs");
const { commandLineParameters, parametersOf, stageParameters } = require("./parameters-of.cjs");
const parameterProblems = require("./parameter-problems.cjs");
const reachProblems = require("./reach-problems.cjs");
const subscribeProblems = require("./subscribe-problems.cjs");

/**
 * Stops `serverless package` and `serverless deploy` when a parameter is missing, doubled, unknown or of no use.
 *
 * The other commands deploy nothing, so they work without parameters.
 */
module.exports = class CheckParameters {
  constructor(serverless) {
    // The framework looks at some of these itself, next, and names its own places and not the parameters.
    if (/^(?:package|deploy)$/.test(serverless.processedInput.commands.join(" "))) {
      const given = Object.keys({ ...stageParameters(serverless), ...commandLineParameters(serverless) });
      const region = serverless.getProvider("aws").getRegion();
      refuse(serverless, functionProblems(parametersOf(serverless), region, given));
    }
    this.hooks = {
      "before:package:cleanup": () => {
        const problems = [
          ...apiKeyProblems(serverless),
          ...unknownParameters(serverless),
          ...parameterProblems(parametersOf(serverless)),
          ...reachProblems(parametersOf(serverless)),
          ...otlpProblems(parametersOf(serverless)),
          ...subscribeProblems(parametersOf(serverless)),
          ...destinationProblems(parametersOf(serverless)),
        ];
        refuse(serverless, problems);
      },
    };
  }
};

function refuse(serverless, problems) {
  if (problems.length > 0) throw new serverless.classes.Error(problems.join("\n\n"), "INVALID_PARAMETERS");
}

function apiKeyProblems(serverless) {
  const { environment } = serverless.service.functions.forwarder;
  const places = ["DD_API_KEY_SECRET_ARN", "DD_API_KEY_SSM_NAME", "DD_KMS_API_KEY"].filter((name) => environment[name]);
  if (places.length > 1) {
    return [
      "The Datadog API key is in one place: give one of DdApiKeySecretArn, DdApiKeySsmParameterName and DdKmsApiKey.",
    ];
  }
  if (places.length === 1 || environment.OTEL_EXPORTER_OTLP_ENDPOINT || environment.DESTINATIONS) {
    return [];
  }
  return [
    [
      "No Datadog API key. Store it in Secrets Manager or in SSM and say where, with one of:",
      "  --param DdApiKeySecretArn=arn:aws:secretsmanager:<region>:<account>:secret:<name>",
      "  --param DdApiKeySsmParameterName=<name>",
      "or give it as KMS encrypted it, with --param DdKmsApiKey=<base64> --param KmsKeyList=<ARN of the KMS key>",
      "For an OpenTelemetry backend instead, give --param OtlpEndpoint=<URL>.",
    ].join("\n"),
  ];
}

/** A misspelt parameter would be ignored, and the forwarder would do what it was told not to do. */
function unknownParameters(serverless) {
  const known = [...Object.keys(serverless.configurationInput.params.default), "DdForwarderLog"];
  return [...Object.keys(commandLineParameters(serverless)), ...Object.keys(stageParameters(serverless))]
    .filter((name) => !known.includes(name))
    .map((name) =>
      Object.hasOwn(legacyParameters, name)
        ? `Unknown parameter ${name}, which the Datadog Forwarder has: ${legacyParameters[name]}.`
        : `Unknown parameter ${name}. There are: ${known.join(", ")}.`,
    );
}
