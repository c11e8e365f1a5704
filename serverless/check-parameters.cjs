const { existsSync, readFileSync } = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const destinationProblems = require("./destination-problems.cjs");
const functionProblems = require("./function-problems.cjs");
const legacyParameters = require("./legacy-parameters.cjs");
const otlpProblems = require("./otlp-problems.cjs");
const { commandLineParameters, parametersOf, stageParameters } = require("./parameters-of.cjs");
const parameterProblems = require("./parameter-problems.cjs");
const reachProblems = require("./reach-problems.cjs");
const settingProblems = require("./setting-problems.cjs");
const sourceProblems = require("./source-problems.cjs");
const subscribeProblems = require("./subscribe-problems.cjs");

// So many characters of a parameter's name may be wrong for another to be meant.
const maxMistakes = 3;

/**
 * Stops `serverless package` and `serverless deploy` when a parameter is missing, doubled, unknown or of no use.
 *
 * The other commands deploy nothing, so they work without parameters.
 */
module.exports = class CheckParameters {
  constructor(serverless, _options, { log }) {
    // The framework looks at some of these itself, next, and names its own places and not the parameters.
    if (/^(?:package|deploy)$/.test(serverless.processedInput.commands.join(" "))) {
      const given = Object.keys({ ...stageParameters(serverless), ...commandLineParameters(serverless) });
      const region = serverless.getProvider("aws").getRegion();
      refuse(serverless, functionProblems(parametersOf(serverless), region, given));
    }
    this.hooks = {
      "before:package:cleanup": async () => {
        const { environment, name } = serverless.service.functions.forwarder;
        const subscribing = serverless.service.functions.subscribe?.environment;
        const problems = [
          ...apiKeyProblems(serverless),
          ...unknownParameters(serverless),
          ...parameterProblems(parametersOf(serverless)),
          ...reachProblems(parametersOf(serverless)),
          ...otlpProblems(parametersOf(serverless)),
          ...subscribeProblems({ ...parametersOf(serverless), FunctionName: name }),
          ...destinationProblems(parametersOf(serverless)),
          ...sourceProblems(parametersOf(serverless)),
        ];
        const found = await settingFindings({ ...environment, ...subscribing }, serverless.serviceDir);
        refuse(serverless, [...problems, ...found.problems.filter((problem) => !isTold(problem, problems))]);
        for (const warning of found.warnings) log.warning(warning);
      },
    };
  }
};

function refuse(serverless, problems) {
  if (problems.length > 0) throw new serverless.classes.Error(problems.join("\n\n"), "INVALID_PARAMETERS");
}

/** The build that is deployed is asked. Where nothing is built there is nothing to deploy, and nobody to ask. */
async function settingFindings(environment, serviceDir) {
  const file = path.join(serviceDir, "dist/cli/deployed-settings.mjs");
  if (!existsSync(file)) return { problems: [], warnings: [] };
  const { findingsOn } = await import(pathToFileURL(file).href);
  return settingProblems(environment, readFileSync(path.join(serviceDir, "serverless.yml"), "utf8"), findingsOn);
}

/** Some parameters are looked at here, too, and one sentence about each is enough. */
function isTold(problem, problems) {
  const [about] = problem.split(/[^\w]/);
  return problems.some((other) => other.split(/[^\w]/)[0] === about);
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
        : `Unknown parameter ${name}. ${meant(name, known)}`,
    );
}

function meant(name, known) {
  const least = Math.min(...known.map((candidate) => distance(name, candidate)));
  const near = least <= maxMistakes ? known.filter((candidate) => distance(name, candidate) === least) : [];
  return near.length > 0 ? `Is ${near.join(" or ")} meant?` : `There are: ${known.sort().join(", ")}.`;
}

/** How many characters have to go, come or change, letter case apart. */
function distance(one, other) {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
