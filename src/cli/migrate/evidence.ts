import type { OldForwarder } from "./old-forwarder.ts";

const DESCRIPTION = "Pushes logs, metrics and traces from AWS to Datadog.";
/** Variables that only the forwarder has; Datadog's libraries share `DD_SITE` and the like. */
const OWN_VARIABLES =
  "DD_ENRICH_CLOUDWATCH_TAGS DD_ENRICH_S3_TAGS DD_FETCH_LAMBDA_TAGS DD_FETCH_LOG_GROUP_TAGS DD_FETCH_S3_TAGS DD_FORWARD_LOG DD_STORE_FAILED_EVENTS DD_TAGS_CACHE_TTL_SECONDS DD_TRACE_INTAKE_URL DD_USE_PRIVATE_LINK DD_USE_VPC DD_ADDITIONAL_TARGET_LAMBDAS".split(
    " ",
  );
const OWN_PARAMETERS = ["DdApiKey", "DdApiKeySecretArn", "DdFetchLambdaTags", "DdForwardLog", "DdStoreFailedEvents"];

/** By what a function or stack is known to be a Datadog Forwarder, a few words each; empty where it is none. */
export function evidenceOf(forwarder: OldForwarder): string[] {
  const { tags, layers, description, stackDescription, variables, parameters, handler } = forwarder;
  const version = tags.dd_forwarder_version ?? tags.DdForwarderVersion;
  const layer = layers.find((arn) => /:layer:Datadog-Forwarder(?:-ARM)?:/i.test(arn));
  const own = OWN_VARIABLES.filter((name) => variables && Object.hasOwn(variables, name));
  const ownParameters = OWN_PARAMETERS.filter((name) => parameters && Object.hasOwn(parameters, name));
  return [
    ...(version === undefined ? [] : [`tag dd_forwarder_version ${version}`]),
    ...(layer ? [`layer ${layer.split(":").slice(-2).join(":")}`] : []),
    ...(description === DESCRIPTION ? ["description"] : []),
    ...(stackDescription === DESCRIPTION ? ["description of the stack"] : []),
    ...(handler === "lambda_function.lambda_handler" && own.length > 0 ? ["handler"] : []),
    ...(own.length > 1 ? [`variables ${own.slice(0, 3).join(", ")}`] : []),
    ...(ownParameters.length > 1 ? [`parameters ${ownParameters.slice(0, 3).join(", ")}`] : []),
  ];
}

/** Whether it is this forwarder, which has most of the same variables. */
export function isOurs({ handler, stackName, tags }: OldForwarder): boolean {
  return handler === "dist/forwarder.handler" || (!handler && stackName.startsWith("log-trace-forwarder"))
    ? tags.dd_forwarder_version === undefined
    : false;
}
