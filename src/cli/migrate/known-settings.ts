/** The settings of the Datadog Forwarder, as variables of its function and as parameters of its template. */
export interface KnownSetting {
  /** The first is today's name. */
  variables: readonly string[];
  /** The first is today's name. */
  parameters: readonly string[];
  /** The parameter of serverless.yml; "" = there is none. */
  ours: string;
  /** What the template's default is where it stands for nothing. */
  unset?: string;
  /** Why nothing becomes of it, where serverless.yml has no such parameter. */
  reason?: string;
}

const S3_REASON = "lines are read from CloudWatch Logs here, where a line is an event";
const RIGHTS_REASON = "it is a right to read what this forwarder does not read";

/** @see https://github.com/DataDog/datadog-serverless-functions/blob/master/aws/logs_monitoring/template.yaml */
export const knownSettings: readonly KnownSetting[] = [
  {
    ...both("DD_API_KEY_SECRET_ARN", "DdApiKeySecretArn"),
    unset: "arn:aws:secretsmanager:DEFAULT",
  },
  { ...both("DD_API_KEY_SSM_NAME", "DdApiKeySsmParameterName"), unset: "/my/parameter/path" },
  { variables: ["DD_KMS_API_KEY"], parameters: [], ours: "DdKmsApiKey" },
  { variables: ["DD_API_KEY"], parameters: ["DdApiKey"], ours: "" },
  both("DD_SITE", "DdSite"),
  both("DD_URL", "DdUrl"),
  both("DD_PORT", "DdPort"),
  both("DD_API_URL", "DdApiUrl"),
  both("DD_TRACE_INTAKE_URL", "DdTraceIntakeUrl"),
  both("DD_NO_SSL", "DdNoSsl"),
  both("DD_SKIP_SSL_VALIDATION", "DdSkipSslValidation"),
  { variables: ["DD_FORWARD_LOG"], parameters: ["DdForwardLog", "DdForwarderLog"], ours: "DdForwardLog" },
  both("DD_USE_COMPRESSION", "DdUseCompression"),
  both("DD_COMPRESSION_LEVEL", "DdCompressionLevel"),
  both("DD_TAGS", "DdTags"),
  both("DD_SOURCE", "DdSource"),
  both("DD_USE_VPC", "DdUseVPC"),
  both("INCLUDE_AT_MATCH", "IncludeAtMatch"),
  both("EXCLUDE_AT_MATCH", "ExcludeAtMatch"),
  both("REDACT_IP", "RedactIp"),
  both("REDACT_EMAIL", "RedactEmail"),
  both("DD_SCRUBBING_RULE", "DdScrubbingRule"),
  both("DD_SCRUBBING_RULE_REPLACEMENT", "DdScrubbingRuleReplacement"),
  { ...both("DD_MULTILINE_LOG_REGEX_PATTERN", "DdMultilineLogRegexPattern"), reason: S3_REASON },
  both("DD_FETCH_LAMBDA_TAGS", "DdFetchLambdaTags"),
  both("DD_FETCH_LOG_GROUP_TAGS", "DdFetchLogGroupTags"),
  both("DD_FETCH_S3_TAGS", "DdFetchS3Tags"),
  both("DD_ENRICH_S3_TAGS", "DdEnrichS3Tags"),
  both("DD_ENRICH_CLOUDWATCH_TAGS", "DdEnrichCloudwatchTags"),
  both("DD_TAGS_CACHE_TTL_SECONDS", "TagsCacheTTLSeconds"),
  both("DD_STORE_FAILED_EVENTS", "DdStoreFailedEvents"),
  both("DD_SQS_QUEUE_URL", "DdSqsQueueUrl"),
  {
    variables: ["DD_S3_BUCKET_NAME"],
    parameters: ["DdForwarderExistingBucketName"],
    ours: "DdForwarderExistingBucketName",
  },
  both("DD_ADDITIONAL_TARGET_LAMBDAS", "AdditionalTargetLambdaArns"),
  {
    variables: ["DD_STEP_FUNCTIONS_TRACE_ENABLED", "DD_STEP_FUNCTION_TRACE_ENABLED"],
    parameters: ["DdStepFunctionsTraceEnabled", "DdStepFunctionTraceEnabled"],
    ours: "DdStepFunctionsTraceEnabled",
  },
  both("DD_LOG_LEVEL", "DdLogLevel"),
  {
    variables: ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "DD_HTTP_PROXY"],
    parameters: ["DdHttpProxyURL"],
    ours: "DdHttpProxyURL",
  },
  { variables: ["NO_PROXY", "no_proxy"], parameters: ["DdNoProxy"], ours: "DdNoProxy" },
  without("DD_MAX_WORKERS", "DdMaxWorkers"),
  without("DD_USE_TCP", "DdUseTcp"),
  without("DD_USE_PRIVATE_LINK", "DdUsePrivateLink"),
  without("DD_FETCH_STEP_FUNCTIONS_TAGS", "DdFetchStepFunctionsTags"),
  without("DD_TRACE_ENABLED", "DdTraceEnabled"),
  without("DD_ENHANCED_METRICS", "DdEnhancedMetrics"),
  { variables: ["DD_FORWARD_METRIC", "DD_FORWARD_METRICS"], parameters: [], ours: "" },
  { variables: ["DD_FORWARD_TRACES"], parameters: [], ours: "" },
  ofTemplate("FunctionName"),
  ofTemplate("MemorySize"),
  ofTemplate("Timeout"),
  ofTemplate("ReservedConcurrency"),
  ofTemplate("LogRetentionInDays"),
  ofTemplate("IamRolePath"),
  ofTemplate("PermissionsBoundaryArn"),
  ofTemplate("VPCSubnetIds"),
  ofTemplate("VPCSecurityGroupIds"),
  ofTemplate("DdForwarderBucketName"),
  ofTemplate("DdForwarderBucketsAccessLogsTarget"),
  ofTemplate("DdScheduleRetryFailedEvents"),
  ofTemplate("DdScheduleRetryInterval"),
  ofTemplate("KmsKeyList"),
  { ...ofTemplate("S3BucketArnList"), reason: RIGHTS_REASON },
  { ...ofTemplate("SqsQueueArnList"), reason: RIGHTS_REASON },
  ofTemplate("SourceZipUrl"),
  ofTemplate("InstallAsLayer"),
  ofTemplate("LayerARN"),
];

function both(variable: string, parameter: string): KnownSetting {
  return { variables: [variable], parameters: [parameter], ours: parameter };
}

function without(variable: string, parameter: string): KnownSetting {
  return { ...both(variable, parameter), ours: "" };
}

function ofTemplate(parameter: string): KnownSetting {
  return { variables: [], parameters: [parameter], ours: parameter };
}
