/**
 * The technology that logs come from, for backends that do not find it out themselves, by what AWS names log groups, log
 * streams and objects. Names of technologies and their order are those of the Datadog Forwarder 3 (`steps/enums.py`);
 * since 4 Datadog finds most of them behind its intake.
 *
 * @see https://docs.datadoghq.com/logs/guide/send-aws-services-logs-with-the-datadog-lambda-function/
 */
import type { Resource } from "../telemetry.ts";

type Rule = readonly [word: string, source: string];

const LOG_GROUP_PREFIXES: readonly Rule[] = [
  ["api-gateway", "apigateway"],
  ["/aws/api-gateway", "apigateway"],
  ["/aws/http-api", "apigateway"],
  ["/aws/apigateway", "apigateway"],
  ["/aws/appsync", "appsync"],
  ["aws/bedrock/modelinvocations", "bedrock"],
  ["/aws/codebuild", "codebuild"],
  ["dms-tasks", "dms"],
  ["/aws/docdb", "docdb"],
  ["/aws/eks", "eks"],
  ["/aws/fsx/windows", "aws.fsx"],
  ["/aws/kinesis", "kinesis"],
  ["/aws/lambda/", "lambda"],
  ["/aws/rds", "rds"],
  ["sns/", "sns"],
  ["/aws/ssm/", "ssm"],
];

/** Anywhere in a log group; what is looked for is the name itself. */
const LOG_GROUP_WORDS = [
  "network-firewall",
  "route53",
  "vpc",
  "fargate",
  "cloudtrail",
  "msk",
  "elasticsearch",
  "transitgateway",
  "verified-access",
  "bedrock",
  "cloudfront",
];

/** Anywhere in a log stream, letter for letter. */
const LOG_STREAM_WORDS: readonly Rule[] = [
  ["aws/bedrock/modelinvocations", "bedrock"],
  ["tgw-attach", "transitgateway"],
  ["_CloudTrail_", "cloudtrail"],
];

const RDS_ENGINES = ["mariadb", "mysql", "postgresql"];

/** Of log streams in a log group of EKS; `kube-apiserver-audit-` before `kube-apiserver-`. */
const EKS_STREAM_PREFIXES: readonly Rule[] = [
  ["kube-apiserver-audit-", "kubernetes.audit"],
  ["kube-scheduler-", "kube_scheduler"],
  ["kube-apiserver-", "kube-apiserver"],
  ["kube-controller-manager-", "kube-controller-manager"],
  ["authenticator-", "aws-iam-authenticator"],
];

/** Anywhere in the key of an object. */
const KEY_WORDS: readonly Rule[] = [
  ["amazon-apigateway", "apigateway"],
  ["bedrock", "bedrock"],
  ["carbon-black", "carbonblack"],
  ["amazon_codebuild", "codebuild"],
  ["cloudfront", "cloudfront"],
  ["amazon_dms", "dms"],
  ["amazon_documentdb", "docdb"],
  ["elasticloadbalancing", "elb"],
  ["amazon_kinesis", "kinesis"],
  ["amazon_msk", "msk"],
  ["network-firewall", "network-firewall"],
  ["_redshift_", "redshift"],
  ["vpcdnsquerylogs", "route53"],
  ["transit-gateway", "transitgateway"],
  ["verified-access", "verified-access"],
  ["vpcflowlogs", "vpc"],
  ["aws-waf-logs", "waf"],
  ["waflogs", "waf"],
];

/** `123456789012_CloudTrail_us-gov-west-1_20261121T0150Z_x.json.gz`, in any partition, and its digests and insights. */
const CLOUDTRAIL_KEY = /\d_cloudtrail(?:-digest|-insight)?_[a-z]{2,5}(?:-[a-z]{1,9}){1,3}-\d{1,2}_/;
const CLOUDTRAIL_TIME = /\d{8}t\d{4,6}z/;

/**
 * The technology behind the logs of a resource: `apigateway`, `vpc`, `kube-apiserver`, …; for logs of which their names
 * say nothing, what the resource has already (`cloudwatch`, `s3`; of an event what EventBridge says, `sns`, `sqs`).
 *
 * It reads `aws.log.group.names` and `aws.log.stream.names`, `aws.s3.bucket` and `aws.s3.key`, and `faas.name`: a function
 * may write to any log group.
 *
 * @param givenSource what a setting names for all logs (`DD_SOURCE`); "" = none
 */
export function sourceOfResource({ attributes, source }: Resource, givenSource = ""): string {
  if (givenSource) return givenSource;
  const { "aws.log.group.names": logGroup, "aws.log.stream.names": logStream = "" } = attributes;
  const { "aws.s3.key": key, "aws.s3.bucket": bucket = "" } = attributes;
  if (attributes["faas.name"]) return "lambda";
  if (logGroup !== undefined) return sourceOfLogStream(logGroup, logStream) ?? source;
  return (key !== undefined && sourceOfObject(bucket, key)) || source;
}

/** Undefined where neither name tells it. */
export function sourceOfLogStream(logGroup: string, logStream: string): string | undefined {
  if (logStream.startsWith("states/")) return "stepfunction";
  const ofStream = LOG_STREAM_WORDS.find(([word]) => logStream.includes(word));
  if (ofStream) return ofStream[1];
  const group = logGroup.toLowerCase();
  const source = LOG_GROUP_PREFIXES.find(([prefix]) => group.startsWith(prefix))?.[1];
  if (source === "rds") return RDS_ENGINES.find((engine) => group.includes(engine)) ?? source;
  if (source === "eks") return EKS_STREAM_PREFIXES.find(([prefix]) => logStream.startsWith(prefix))?.[1] ?? source;
  return source ?? LOG_GROUP_WORDS.find((word) => group.includes(word));
}

/** Undefined where neither name tells it. */
export function sourceOfObject(bucket: string, key: string): string | undefined {
  if (bucket.includes("transit-gateway")) return "transitgateway";
  const lower = key.toLowerCase();
  if (lower.endsWith(".json.gz") && CLOUDTRAIL_KEY.test(lower) && CLOUDTRAIL_TIME.test(lower)) return "cloudtrail";
  return KEY_WORDS.find(([word]) => lower.includes(word))?.[1];
}
