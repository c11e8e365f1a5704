import fc from "fast-check";
import { type Claims, claimsOf } from "../../src/destinations/datadog-message-claims.ts";
import type { LogRecord } from "../../src/telemetry.ts";
import { telemetryOf } from "../helpers/telemetry.ts";

function claimsIn(message: string, isCloudTrail = false): Claims | undefined {
  const { logs, slice, resource } = telemetryOf([message]);
  return claimsOf(logs[0] as LogRecord, slice, isCloudTrail ? { ...resource, source: "cloudtrail" } : resource);
}

const INSTANCE = "i-0123456789abcdef0";
const cloudTrail = (arn: unknown): string => JSON.stringify({ eventName: "GetObject", userIdentity: { arn } });
const session = (name: string, partition = "aws"): string =>
  `arn:${partition}:sts::123456789012:assumed-role/web/${name}`;

describe("the tags that a message gives its log", () => {
  it("are moved out of it, and everything else stays as it was written", () => {
    const message =
      '{"price":1.10,"name":"caf\\u00e9 é 💥","ddtags":"a:b, c:d","big":12345678901234567890, "x" : [ ] }\n';
    expect(claimsIn(message)).toEqual({
      body: '{"price":1.10,"name":"caf\\u00e9 é 💥","big":12345678901234567890, "x" : [ ] }\n',
      ddtags: "a:b, c:d",
      host: "",
    });
  });

  it("are the last ones when there are several", () => {
    expect(claimsIn('{"ddtags":[1],"a":1,"ddtags":"b:c"}')).toEqual({ body: '{"a":1}', ddtags: "b:c", host: "" });
  });

  it.each([
    '{"ddtags":["a:b"]}',
    '{"ddtags":7}',
    '{"ddtags":null}',
    '{"ddtags":{"a":"b"}}',
    '{"ddtags":true}',
    '{"ddtags":"a:b","ddtags":["a:b"]}',
    '{"dd":{"ddtags":"a:b"}}',
    '["ddtags","a:b"]',
    '"ddtags"',
    '{"message":"the \\"ddtags\\" of a log"}',
    '{"ddtags":"a:b"',
    'INFO {"ddtags":"a:b"}',
    "ddtags",
    "",
  ])("are not there in %s, which stays as it is", (message) => {
    expect(claimsIn(message)).toBeUndefined();
  });

  it("leave a message that other programs read as the same object without them, whatever it is", () => {
    const aKey = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "ddtags2"));
    fc.assert(
      fc.property(fc.dictionary(aKey, fc.jsonValue()), fc.string({ unit: "binary" }), fc.nat(9), (log, tags, at) => {
        const rest = Object.entries(log).filter(([name]) => name !== "ddtags");
        const members = rest.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
        members.splice(at, 0, `"ddtags":${JSON.stringify(tags)}`);
        const claims = claimsIn(`{${members.join(",")}}`);
        expect(claims?.ddtags).toBe(tags);
        expect(claims?.body).toBe(`{${members.filter((member) => !member.startsWith('"ddtags":')).join(",")}}`);
      }),
    );
  });

  it("are read in what a transform made of the message", () => {
    const { logs, slice, resource } = telemetryOf(['{"ddtags":"a:b"}']);
    const record = { ...(logs[0] as LogRecord), body: '{"ddtags":"xxxxx","c":1}' };
    expect(claimsOf(record, slice, resource)).toEqual({ body: '{"c":1}', ddtags: "xxxxx", host: "" });
  });
});

describe("the host that a CloudTrail log names", () => {
  it.each(["aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc"])(
    "is the EC2 instance of partition %s",
    (partition) => {
      const claims = { body: null, ddtags: "", host: INSTANCE };
      expect(claimsIn(cloudTrail(session(INSTANCE, partition)), true)).toEqual(claims);
    },
  );

  it("is also one with the short id of old instances, and of a role with a path", () => {
    expect(claimsIn(cloudTrail(session("i-01234567")), true)?.host).toBe("i-01234567");
    expect(claimsIn(cloudTrail(session("path/i-01234567")), true)?.host).toBe("i-01234567");
  });

  it("stands beside the tags of the message", () => {
    const message = `{"ddtags":"a:b",${cloudTrail(session(INSTANCE)).slice(1)}`;
    expect(claimsIn(message, true)).toEqual({ body: cloudTrail(session(INSTANCE)), ddtags: "a:b", host: INSTANCE });
  });

  it("is not looked for in other logs", () => {
    expect(claimsIn(cloudTrail(session(INSTANCE)))).toBeUndefined();
  });

  it.each([
    cloudTrail(session("i-0123")),
    cloudTrail(session("i-0123456789ABCDEF0")),
    cloudTrail(`${session(INSTANCE)}x`),
    cloudTrail(`arn:aws:iam::123456789012:role/${INSTANCE}`),
    cloudTrail([session(INSTANCE)]),
    cloudTrail(null),
    '{"userIdentity":null,"x":"/i-"}',
    '{"userIdentity":"/i-"}',
    '{"userIdentity":["/i-"]}',
    '{"x":"/i-"}',
    '["/i-"]',
    "null /i-",
    "",
  ])("is not found in %s, which does no harm", (message) => {
    expect(claimsIn(message, true)).toBeUndefined();
  });
});
