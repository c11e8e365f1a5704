import fc from "fast-check";
import { accessLogFields, cloudFrontFields, headedFields } from "../../src/formats/access-log.ts";

const OWNER = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
const ALB =
  'https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_123456';
const CLASSIC =
  '2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -';
const NLB =
  "tls 2.0 2018-12-20T02:59:40 net/my-network-loadbalancer/c6e77e28c25b2234 g3d4b5e8bb8464cd 72.21.218.154:51341 172.100.100.185:443 5 2 98 246 - arn:aws:acm:us-east-2:671290407336:certificate/2a108f19-aded-46b0-8493-c63eb1ef4a99 - ECDHE-RSA-AES128-SHA tlsv12 - my-network-loadbalancer-c6e77e28c25b2234.elb.us-east-2.amazonaws.com - - - 2018-12-20T02:59:30";
const CLOUDFRONT =
  "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\t-\tMozilla/5.0%20(Windows)\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms_BGlTAC4KyHmureZmBNrjGdRLiNIQ==\td111111abcdef8.cloudfront.net\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tHit\tHTTP/2.0\t-\t-\t11040\t0.001\tHit\ttext/html\t78\t-\t-";
const S3 = `${OWNER} amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 ${OWNER} 3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes`;
const FLOW =
  "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK";

const LINES: [string, string, Record<string, string>, number][] = [
  [
    "an application load balancer",
    ALB,
    {
      "aws.elb.client:port": "192.168.131.39:2817",
      "aws.elb.request": "GET https://www.example.com:443/ HTTP/1.1",
      "aws.elb.trace_id": "Root=1-58337281-1d84f3d73c47ec4e58577259",
      "aws.elb.conn_trace_id": "TID_123456",
    },
    26,
  ],
  [
    "a classic load balancer",
    CLASSIC,
    { "aws.elb.backend:port": "10.0.0.1:80", "aws.elb.elb_status_code": "200", "aws.elb.user_agent": "curl/7.38.0" },
    13,
  ],
  [
    "a network load balancer",
    NLB,
    { "aws.elb.tls_protocol_version": "tlsv12", "aws.elb.tls_connection_creation_time": "2018-12-20T02:59:30" },
    16,
  ],
  [
    "CloudFront",
    CLOUDFRONT,
    { "aws.cloudfront.c-ip": "192.0.2.100", "aws.cloudfront.sc-status": "200", "aws.cloudfront.sc-content-len": "78" },
    25,
  ],
  [
    "S3",
    S3,
    {
      "aws.s3.access.time": "06/Feb/2019:00:00:38 +0000",
      "aws.s3.access.operation": "REST.GET.VERSIONING",
      "aws.s3.access.http_status": "200",
      "aws.s3.access.acl_required": "Yes",
    },
    20,
  ],
  [
    "a VPC's flow",
    FLOW,
    { "aws.vpc.flow.srcaddr": "172.31.16.139", "aws.vpc.flow.action": "ACCEPT", "aws.vpc.flow.log-status": "OK" },
    14,
  ],
];

describe("a line of an access log", () => {
  it.each(LINES)("of %s says each value by its name", (_, line, some, count) => {
    for (const written of [line, `${line}\n`]) {
      const fields = accessLogFields(written) ?? {};
      expect(fields).toMatchObject(some);
      expect(Object.keys(fields)).toHaveLength(count);
    }
  });

  it("with values that came later than these names says the others", () => {
    expect(accessLogFields(`${ALB} "another" one`)).toEqual(accessLogFields(ALB));
  });

  it.each([
    "",
    "hello",
    "2 apples",
    `${OWNER} is a hash`,
    ALB.slice(0, 60),
    CLOUDFRONT.slice(0, 30),
    `${FLOW} x`.slice(2),
  ])("is none: %j", (line) => {
    expect(accessLogFields(line)).toBeUndefined();
  });

  it("may be cut and damaged in any way", () => {
    const line = fc.tuple(fc.constantFrom(...LINES.map(([, text]) => text)), fc.nat(600), fc.nat(9), fc.string());
    fc.assert(
      fc.property(line, ([text, at, length, other]) => {
        const damaged = text.slice(0, at) + other + text.slice(at + length);
        for (const value of Object.values(accessLogFields(damaged) ?? {})) expect(damaged).toContain(value);
      }),
    );
  });

  it("whose header names its fields has these", () => {
    const flow = { version: "5", "flow-direction": "egress", "pkt-srcaddr": "-" };
    expect(headedFields({ flow }, null)).toEqual({
      "aws.vpc.flow.version": "5",
      "aws.vpc.flow.flow-direction": "egress",
    });
    const cloudfront = { "c-ip": "192.0.2.1", "cs(Host)": "d1.cloudfront.net", asn: "-" };
    expect(headedFields({ cloudfront }, null)).toEqual({
      "aws.cloudfront.c-ip": "192.0.2.1",
      "aws.cloudfront.cs(Host)": "d1.cloudfront.net",
    });
    expect(headedFields({ truncated: 1 }, null)).toBeUndefined();
  });

  it("that a rule has changed has the fields that are left, as long as they are as many", () => {
    const event = { cloudfront: { "c-ip": "192.0.2.1", "cs-method": "GET" } };
    expect(headedFields(event, "xxx\tGET")).toEqual({
      "aws.cloudfront.c-ip": "xxx",
      "aws.cloudfront.cs-method": "GET",
    });
    expect(headedFields(event, "xxx")).toBeUndefined();
  });

  it("of CloudFront may be JSON, whichever fields were chosen", () => {
    expect(
      cloudFrontFields({ "timestamp(ms)": 1_795_226_069_000n, "x-edge-location": "LAX1", "cs(Referer)": "-" }),
    ).toEqual({
      "aws.cloudfront.timestamp(ms)": "1795226069000",
      "aws.cloudfront.x-edge-location": "LAX1",
    });
    expect(cloudFrontFields({ "c-ip": "192.0.2.1", "sc-status": "200", asn: null })).toEqual({
      "aws.cloudfront.c-ip": "192.0.2.1",
      "aws.cloudfront.sc-status": "200",
    });
  });

  it.each([
    [{}],
    [{ date: "2026-11-21", time: "02:00:00" }],
    [{ "x-edge-location": "LAX1", level: "info" }],
    [{ "x-edge-location": { nested: true } }],
  ])("is not of CloudFront: %j", (object) => {
    expect(cloudFrontFields(object)).toBeUndefined();
  });
});
