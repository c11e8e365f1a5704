// That one of these is there, empty or not, makes each cold start load code for it.
const LOADING = /^(?:OTEL_\w+|INCLUDE_AT_MATCH|EXCLUDE_AT_MATCH|DD_SCRUBBING_RULE|DD_MULTILINE_LOG_REGEX_PATTERN)$/;

/**
 * The template that `serverless package` made, as one that CloudFormation takes by itself: the function's code is in a
 * bucket that a parameter names, and what only becomes a variable or a size of the function is a parameter with the same
 * name. What decides which resources and rights there are has been decided when it was packaged.
 *
 * A variable that is empty means its default, so that a parameter without one has an empty default.
 *
 * @param packaged of `serverless package`, parsed
 * @param serverlessYml the text of serverless.yml, which says which parameter is which variable
 * @param isDecided whether a parameter is read anywhere else, by name
 */
module.exports = function plainTemplate(packaged, serverlessYml, isDecided) {
  const template = structuredClone(packaged);
  const forwarder = template.Resources.ForwarderLambdaFunction;
  const parameters = {
    CodeBucket: { Type: "String", Description: "Bucket, in the stack's region, that holds forwarder.zip" },
    CodeKey: { Type: "String", Default: "forwarder.zip", Description: "Key of forwarder.zip in it" },
  };
  for (const resource of Object.values(template.Resources)) {
    if (resource.Type !== "AWS::Lambda::Function") continue;
    resource.Properties.Code = { S3Bucket: { Ref: "CodeBucket" }, S3Key: { Ref: "CodeKey" } };
  }
  for (const name of ["ServerlessDeploymentBucket", "ServerlessDeploymentBucketPolicy"])
    delete template.Resources[name];
  delete template.Outputs?.ServerlessDeploymentBucketName;

  const { Variables } = forwarder.Properties.Environment;
  for (const [, variable, name] of serverlessYml.matchAll(/^ {6}([A-Z_\d]+): \$\{param:(\w+)(?:, null)?\}$/gm)) {
    if (isDecided(name) || (LOADING.test(variable) && Variables[variable] === undefined)) continue;
    parameters[name] = { Type: "String", Default: String(Variables[variable] ?? ""), Description: variable };
    Variables[variable] = { Ref: name };
  }
  for (const [property, name, resource] of [
    ["MemorySize", "MemorySize", forwarder],
    ["Timeout", "Timeout", forwarder],
    ["RetentionInDays", "LogRetentionInDays", template.Resources.ForwarderLogGroup],
  ]) {
    if (isDecided(name)) continue;
    parameters[name] = { Type: "Number", Default: String(resource.Properties[property]) };
    resource.Properties[property] = { Ref: name };
  }
  return { ...template, Parameters: { ...template.Parameters, ...parameters } };
};
