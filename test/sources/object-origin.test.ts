import { originOf } from "../../src/sources/object-origin.ts";

const of = (key: string, account = "", region?: string) => originOf({ bucket: "b", key, region }, account);

describe("the origin of an object", () => {
  it.each([
    ["AWSLogs/111122223333/CloudTrail/us-gov-west-1/2026/11/21/x.json.gz", "us-gov-west-1"],
    ["prefix/AWSLogs/o-exampleorgid/111122223333/CloudTrail-Insight/eu-central-1/2026/11/21/x", "eu-central-1"],
    ["a/b/AWSLogs/111122223333/elasticloadbalancing/ap-southeast-2/2026/11/21/x.log.gz", "ap-southeast-2"],
    ["AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/11/21/x.log.gz", "us-east-1"],
    ["AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=me-south-1/year=2026/x", "me-south-1"],
    ["AWSLogs/111122223333/Config/us-isob-east-1/2026/11/21/ConfigSnapshot/x.json.gz", "us-isob-east-1"],
    ["AWSLogs/111122223333/network-firewall/flow/sa-east-1/firewall/2026/x", "sa-east-1"],
  ])("is what AWS wrote into the key: %s", (key, region) => {
    expect(of(key, "999999999999", "eu-west-1")).toEqual({ account: "111122223333", region });
  });

  it("is the bucket's where the key says only the account, or nothing", () => {
    expect(of("AWSLogs/111122223333/CloudFront/E1.2026-11-21-01.x.gz", "", "eu-west-1")).toEqual({
      account: "111122223333",
      region: "eu-west-1",
    });
    expect(of("AWSLogs/111122223333/WAFLogs/cloudfront/web/2026/x.gz", "", "us-east-1").region).toBe("us-east-1");
    expect(of("some/key", "999999999999", "eu-west-1")).toEqual({ account: "999999999999", region: "eu-west-1" });
  });

  it.each(["MyAWSLogs/111122223333/a/eu-west-1/x", "AWSLogs/1111/CloudTrail/us-east-1/x", "AWSLogs/111122223333"])(
    "is unknown where nothing says it: %s",
    (key) => {
      expect(of(key)).toEqual({ account: "", region: undefined });
    },
  );
});
