import { sourceOfLogStream, sourceOfObject, sourceOfResource } from "../../src/formats/aws-source.ts";
import type { LogEventBatch, Resource } from "../../src/telemetry.ts";
import { resourceOf } from "../../src/transforms/resource.ts";
import { aSlice } from "../helpers/slices.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

const LOG_STREAMS: [logGroup: string, logStream: string, source: string | undefined][] = [
  ["API-Gateway-Execution-Logs_abc/dev", "s", "apigateway"],
  ["/aws/api-gateway/shop", "s", "apigateway"],
  ["/aws/http-api/shop", "s", "apigateway"],
  ["/aws/apigateway/abc/prod", "s", "apigateway"],
  ["/aws/appsync/apis/abc", "s", "appsync"],
  ["aws/bedrock/modelinvocations", "s", "bedrock"],
  ["/my/models", "aws/bedrock/modelinvocations", "bedrock"],
  ["/aws/codebuild/project", "s", "codebuild"],
  ["dms-tasks-instance", "s", "dms"],
  ["/aws/docdb/cluster/profiler", "s", "docdb"],
  ["/aws/eks/cluster/cluster", "kube-apiserver-audit-0123", "kubernetes.audit"],
  ["/aws/eks/cluster/cluster", "kube-scheduler-0123", "kube_scheduler"],
  ["/aws/eks/cluster/cluster", "kube-apiserver-0123", "kube-apiserver"],
  ["/aws/eks/cluster/cluster", "kube-controller-manager-0123", "kube-controller-manager"],
  ["/aws/eks/cluster/cluster", "authenticator-0123", "aws-iam-authenticator"],
  ["/aws/eks/cluster/cluster", "cloud-controller-manager-0123", "eks"],
  ["/ecs/cluster", "kube-apiserver-audit-0123", undefined],
  ["/aws/fsx/windows/share", "s", "aws.fsx"],
  ["/aws/kinesisfirehose/dev", "s", "kinesis"],
  ["/aws/lambda/thinker", "s", "lambda"],
  ["/aws/lambda-insights", "s", undefined],
  ["/aws/rds/instance/shop-mariadb/error", "s", "mariadb"],
  ["/aws/rds/instance/MySQL1/slowquery", "s", "mysql"],
  ["/aws/rds/cluster/postgresql/x", "s", "postgresql"],
  ["/aws/rds/instance/shop/error", "s", "rds"],
  ["sns/eu-west-1/123456789012/alerts", "s", "sns"],
  ["/aws/ssm/AWS-RunShellScript", "s", "ssm"],
  ["/aws/vendedlogs/states/machine", "states/machine/2026-11-21", "stepfunction"],
  ["/my/flows", "eni-1-tgw-attach-2", "transitgateway"],
  ["/org/trails", "123456789012_CloudTrail_eu-west-1", "cloudtrail"],
  ["/org/trails", "123456789012_cloudtrail_eu-west-1", undefined],
  ["my-cloudtrail-logs", "s", "cloudtrail"],
  ["/my/network-firewall/alerts", "s", "network-firewall"],
  ["/aws/route53/example.com", "s", "route53"],
  ["vpc-flow-logs", "eni-1", "vpc"],
  ["/ecs/fargate/shop", "s", "fargate"],
  ["/shop/msk/broker", "s", "msk"],
  ["/aws/OpenSearchService/elasticsearch", "s", "elasticsearch"],
  ["/my/transitgateway", "s", "transitgateway"],
  ["/my/verified-access", "s", "verified-access"],
  ["/my/bedrock", "s", "bedrock"],
  ["/my/cloudfront", "s", "cloudfront"],
  ["/ecs/nginx", "s", undefined],
];

const OBJECTS: [bucket: string, key: string, source: string | undefined][] = [
  ["b", "AWSLogs/1/amazon-apigateway/x", "apigateway"],
  ["b", "AWSLogs/1/BedrockModelInvocationLogs/x.json.gz", "bedrock"],
  ["b", "carbon-black-cloud-forwarder/alerts/x.jsonl.gz", "carbonblack"],
  ["b", "amazon_codebuild/x", "codebuild"],
  ["b", "AWSLogs/1/CloudFront/x.gz", "cloudfront"],
  ["b", "amazon_dms/x", "dms"],
  ["b", "amazon_documentdb/x", "docdb"],
  ["b", "AWSLogs/1/elasticloadbalancing/eu-west-1/2026/11/21/1_elasticloadbalancing_x.log.gz", "elb"],
  ["b", "amazon_kinesis/x", "kinesis"],
  ["b", "amazon_msk/x", "msk"],
  ["b", "AWSLogs/1/network-firewall/alert/x.log.gz", "network-firewall"],
  ["b", "AWSLogs/1/redshift/eu-west-1/2026/11/21/1_redshift_eu-west-1_c_userlog.gz", "redshift"],
  ["b", "AWSLogs/1/vpcdnsquerylogs/vpc-1/x.log.gz", "route53"],
  ["b", "AWSLogs/1/transit-gateway/x", "transitgateway"],
  ["my-transit-gateway-logs", "AWSLogs/1/vpcflowlogs/x", "transitgateway"],
  ["b", "AWSLogs/1/verified-access/x", "verified-access"],
  ["b", "AWSLogs/1/vpcflowlogs/eu-west-1/1_vpcflowlogs_x.log.gz", "vpc"],
  ["b", "2026/11/21/01/aws-waf-logs-shop-1-2026-11-21", "waf"],
  ["b", "AWSLogs/1/WAFLogs/eu-west-1/x.log.gz", "waf"],
  ["b", "AWSLogs/1/CloudTrail/eu-west-1/1_CloudTrail_eu-west-1_20261121T0150Z_wafSns.json.gz", "cloudtrail"],
  ["b", "1_CloudTrail-Digest_us-gov-west-1_trail_us-gov-west-1_20261121T015000Z.json.gz", "cloudtrail"],
  ["b", "1_CloudTrail-Insight_cn-north-1_20261121T0150Z_x.json.gz", "cloudtrail"],
  ["b", "1_CloudTrail_us-iso-east-1_20261121T0150Z_x.json.gz", "cloudtrail"],
  ["b", "1_CloudTrail_us-isob-east-1_20261121T0150Z_x.json.gz", "cloudtrail"],
  ["b", "1_CloudTrail_eusc-de-east-1_20261121T0150Z_x.json.gz", "cloudtrail"],
  ["b", "1_CloudTrail_ap-southeast-10_20261121T0150Z_x.json.gz", "cloudtrail"],
  ["b", "notes-on_CloudTrail_eu-west-1.json.gz", undefined],
  ["b", "shop/access.log", undefined],
];

function aResource(logGroup: string, logStream: string): Resource {
  const batch: LogEventBatch = { owner: "123456789012", logGroup, logStream, ...aSlice(["x"]) };
  return resourceOf(batch, A_FORWARDER);
}

describe("the technology behind logs", () => {
  it.each(LOG_STREAMS)("in log group %s, stream %s, is %s", (logGroup, logStream, source) => {
    expect(sourceOfLogStream(logGroup, logStream)).toBe(source);
    expect(sourceOfResource(aResource(logGroup, logStream))).toBe(source ?? "cloudwatch");
  });

  it.each(OBJECTS)("in bucket %s, object %s, is %s", (bucket, key, source) => {
    expect(sourceOfObject(bucket, key)).toBe(source);
    const attributes = { "aws.s3.bucket": bucket, "aws.s3.key": key };
    const resource = { attributes, source: "s3", tags: [], functionTags: [] };
    expect(sourceOfResource(resource)).toBe(source ?? "s3");
  });

  it("is the function wherever it writes to", () => {
    const stream = "2026/11/21/thinker[$LATEST]0123456789abcdef0123456789abcdef";
    expect(sourceOfResource(aResource("/my/vpc/functions", stream))).toBe("lambda");
  });

  it("is what an event says that is of no log group and no bucket", () => {
    for (const source of ["guardduty", "securityhub", "sns", "sqs"]) {
      expect(sourceOfResource({ attributes: {}, source, tags: [], functionTags: [] })).toBe(source);
    }
  });

  it("is what a setting names", () => {
    expect(sourceOfResource(aResource("/aws/rds/instance/x/error", "s"), "own")).toBe("own");
  });
});
