import { findingsOf } from "../../src/formats/security-hub.ts";

const finding = (id: string, resources: unknown[]): Record<string, unknown> => ({ Id: id, Resources: resources });
const event = (...findings: unknown[]): string =>
  JSON.stringify({ source: "aws.securityhub", detail: { actionName: "x", findings }, region: "eu-west-1" });

describe("an event of AWS Security Hub", () => {
  it("is an event a finding, with the resources by type", () => {
    const instance = { Type: "AwsEc2Instance", Id: "i-1" };
    const events = findingsOf(event(finding("a", [instance, { Type: "Other", Id: "2" }]), finding("b", [])));
    expect(events?.map((text) => JSON.parse(text))).toEqual([
      {
        source: "aws.securityhub",
        detail: {
          actionName: "x",
          finding: { Id: "a", resources: { AwsEc2Instance: { Id: "i-1" }, Other: { Id: "2" } } },
        },
        region: "eu-west-1",
      },
      {
        source: "aws.securityhub",
        detail: { actionName: "x", finding: { Id: "b", resources: {} } },
        region: "eu-west-1",
      },
    ]);
  });

  it("does not lose the first of two resources of one type, nor one without a type", () => {
    const resources = [{ Type: "T", Id: "1" }, { Type: "T", Id: "2" }, { Id: "3" }, null];
    const [text] = findingsOf(event(finding("a", resources))) as [string];
    expect(JSON.parse(text).detail.finding.resources).toEqual({
      T: [{ Id: "1" }, { Id: "2" }],
      2: { Id: "3" },
      3: null,
    });
  });

  it("keeps everything else as it was written", () => {
    const text =
      ' { "n":1.10, "detail": {"findings" :[ {"Score":5.0,"big":12345678901234567890} , 7 ] , "é":"\\u00e9"} }\n';
    expect(findingsOf(text)).toEqual([
      ' { "n":1.10, "detail": {"finding":{"Score":5.0,"big":12345678901234567890} , "é":"\\u00e9"} }\n',
      ' { "n":1.10, "detail": {"finding":7 , "é":"\\u00e9"} }\n',
    ]);
  });

  it.each([
    "",
    "text",
    "[]",
    "null",
    "{}",
    '{"detail":null}',
    '{"detail":"findings"}',
    '{"detail":{"findings":[]}}',
    '{"detail":{"findings":{"a":1}}}',
    '{"findings":[{}]}',
    '{"detail":{"findings":[{}]}',
    event(...Array(1_001).fill(1)),
  ])("is left alone where it has no findings, or more than there can be: %.60s", (text) => {
    expect(findingsOf(text)).toBeUndefined();
  });
});
