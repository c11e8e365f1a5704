import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { compiledResources, defaults } from "../helpers/compiled-resources.ts";

const legacyParameters = require("../../serverless/legacy-parameters.cjs");

const root = path.join(__dirname, "../..");
const service = readFileSync(path.join(root, "serverless.yml"), "utf8");

/** Of the template of the Datadog Forwarder 5.4.11, and what the READMEs of its versions name. */
const datadogs = [
  ...["DdApiKey", "DdApiKeySecretArn", "DdApiKeySsmParameterName", "DdSite", "DdUrl", "DdPort", "DdApiUrl"],
  ...["DdTraceIntakeUrl", "DdNoSsl", "DdSkipSslValidation", "DdForwardLog", "DdUseCompression", "DdCompressionLevel"],
  ...["DdMaxWorkers", "DdTags", "DdSource", "DdUseVPC", "DdMultilineLogRegexPattern", "IncludeAtMatch"],
  ...["ExcludeAtMatch", "RedactIp", "RedactEmail", "DdScrubbingRule", "DdScrubbingRuleReplacement"],
  ...["DdFetchLambdaTags", "DdFetchLogGroupTags", "DdFetchS3Tags", "DdFetchStepFunctionsTags", "DdEnrichS3Tags"],
  ...["DdEnrichCloudwatchTags", "TagsCacheTTLSeconds", "DdStoreFailedEvents", "DdSqsQueueUrl"],
  ...["AdditionalTargetLambdaArns", "DdStepFunctionsTraceEnabled", "DdLogLevel", "DdTraceEnabled"],
  ...["DdEnhancedMetrics", "DdHttpProxyURL", "DdNoProxy", "DdUseTcp", "DdUsePrivateLink", "FunctionName"],
  ...["MemorySize", "Timeout", "ReservedConcurrency", "LogRetentionInDays", "SourceZipUrl", "InstallAsLayer"],
  ...["LayerARN", "IamRolePath", "PermissionsBoundaryArn", "VPCSecurityGroupIds", "VPCSubnetIds"],
  ...["DdForwarderBucketName", "DdForwarderExistingBucketName", "DdForwarderBucketsAccessLogsTarget"],
  ...["DdScheduleRetryFailedEvents", "DdScheduleRetryInterval", "S3BucketArnList", "SqsQueueArnList", "KmsKeyList"],
];

describe("the parameters of serverless.yml", () => {
  it.each(datadogs)("have %s, or say what to do instead", (name) => {
    expect([Object.hasOwn(defaults, name), Object.hasOwn(legacyParameters, name)].filter(Boolean)).toHaveLength(1);
  });

  it("are each of use, and none is used that is not there", () => {
    const files = readdirSync(path.join(root, "serverless")).map((name) => `serverless/${name}`);
    const code = files.map((file) => readFileSync(path.join(root, file), "utf8")).join("\n");
    const template = service.slice(service.indexOf("\nprovider:"));
    const isUsed = (name: string) =>
      new RegExp(`param:${name}\\b`).test(template) || new RegExp(`\\bparam:${name}\\b|"${name}"`).test(code);
    expect(Object.keys(defaults).filter((name) => !isUsed(name))).toEqual([]);
    const used = [...template.matchAll(/param:(\w+)/g)].map((match) => match[1] as string);
    expect(used.filter((name) => name !== "DdForwarderLog" && !Object.hasOwn(defaults, name))).toEqual([]);
  });

  it("give a bucket that is encrypted, closed to the public, emptied in time and spoken to with TLS alone", async () => {
    const { FailureBucket, FailureBucketPolicy } = await compiledResources({ FailedEventsRetentionInDays: "30" });
    expect(FailureBucket?.Properties).toMatchObject({
      BucketEncryption: { ServerSideEncryptionConfiguration: [expect.anything()] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: { Rules: [expect.objectContaining({ Status: "Enabled", ExpirationInDays: 30 })] },
    });
    expect(FailureBucketPolicy?.Properties.PolicyDocument.Statement).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Action: "s3:*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      }),
    ]);
  });
});
