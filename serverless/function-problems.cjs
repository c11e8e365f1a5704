const wholeNumber = require("./whole-number.cjs");

/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
// AWS tells nobody by a call. @see https://aws.amazon.com/lambda/pricing/, the tab "Arm Price"
const regionsWithoutArm64 = ["ca-west-1"];
/** Those that there are, and those that Datadog adds beside them. */
const site =
  /^(?:(?!app\.|www\.|api\.|us1\.|eu1?\.|http)[a-z0-9-]+\.)?(?:datadoghq\.com|ddog-gov\.com|datad0g\.com)$|^datadoghq\.eu$/i;
const sites =
  "datadoghq.com, us3.datadoghq.com, us5.datadoghq.com, datadoghq.eu, ap1.datadoghq.com, ap2.datadoghq.com, ddog-gov.com";

/**
 * What is wrong with the parameters about the function itself and Datadog's site: a sentence or two each, with the remedy.
 *
 * @param parameters all of them, by name
 * @param region that is deployed to
 * @param given names of the parameters that have another value than serverless.yml's
 */
module.exports = function functionProblems(parameters, region, given) {
  return [
    ...architecture(parameters, region, given),
    ...number(parameters, "MemorySize", 128, 10_240, "MB"),
    ...number(parameters, "Timeout", 1, 900, "seconds"),
    ...number(parameters, "ReservedConcurrency", 1, 9_999_999, "invocations"),
    ...retention(parameters),
    ...name(parameters),
    ...siteProblems(parameters),
  ];
};

function architecture({ Architecture }, region, given) {
  if (Architecture === undefined) return [];
  if (!/^(?:arm64|x86_64)$/.test(Architecture)) {
    return [`Architecture must be arm64 or x86_64, got ${JSON.stringify(Architecture)}.`];
  }
  if (Architecture === "x86_64" || given.includes("Architecture") || !regionsWithoutArm64.includes(region)) return [];
  return [
    `Lambda had no arm64 in ${region} when this forwarder was made: give --param Architecture=x86_64. If it has by now, give --param Architecture=arm64 yourself.`,
  ];
}

function number(parameters, name, least, most, unit) {
  const value = parameters[name];
  if (value === null || value === undefined || typeof value === "object") return [];
  const count = wholeNumber(value);
  if (count >= least && count <= most) return [];
  return [`${name} must be a whole number of ${unit}, ${least} to ${most}, got ${JSON.stringify(value)}.`];
}

function retention({ LogRetentionInDays: days }) {
  if (days === undefined || retentionDays.includes(wholeNumber(days))) return [];
  return [
    `LogRetentionInDays must be what CloudWatch Logs knows: ${retentionDays.join(", ")}; got ${JSON.stringify(days)}.`,
  ];
}

function name({ FunctionName }) {
  if (typeof FunctionName !== "string" || FunctionName.includes("$") || /^[\w-]{1,64}$/.test(FunctionName)) return [];
  return [
    `FunctionName must be up to 64 letters, digits, hyphens and underscores, got ${JSON.stringify(FunctionName)}.`,
  ];
}

/** Where every intake has an address of its own, and where Datadog is not sent to, the site is not used. */
function siteProblems(parameters) {
  const { DdSite, DdUrl, DdTraceIntakeUrl, DdApiUrl } = parameters;
  const keys = ["DdApiKeySecretArn", "DdApiKeySsmParameterName", "DdKmsApiKey"];
  if (typeof DdSite !== "string" || !keys.some((key) => parameters[key])) return [];
  if (site.test(DdSite.trim()) || (DdUrl && DdTraceIntakeUrl && DdApiUrl)) return [];
  return [
    `DdSite is ${JSON.stringify(DdSite)}, which is no site of Datadog's. There are: ${sites}. For intakes elsewhere, give DdUrl, DdTraceIntakeUrl and DdApiUrl.`,
  ];
}
