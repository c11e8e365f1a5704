const objectBuckets = require("../../serverless/object-buckets.cjs");

const BUCKET = "arn:aws:s3:::logs-of-thinkers";
const given = (list: unknown, keys: unknown = null) => ({
  resolveVariable: async (variable: string) => (variable.includes("KmsKeyList") ? keys : list),
});

describe("serverless/object-buckets", () => {
  it("gives no right where no bucket is named", async () => {
    for (const none of [null, [], "", " , "]) {
      expect(await objectBuckets.policy(given(none))).toEqual({ Ref: "AWS::NoValue" });
      expect(await objectBuckets.resources(given(none))).toEqual({});
    }
  });

  it.each([
    [BUCKET, `${BUCKET}/*`],
    [`${BUCKET}/*`, `${BUCKET}/*`],
    [`${BUCKET}/elb/*`, `${BUCKET}/elb/*`],
  ])("lets the function read the objects of %s alone", async (arn, objects) => {
    const { PolicyDocument } = await objectBuckets.policy(given(arn));
    expect(PolicyDocument.Statement).toEqual([
      { Effect: "Allow", Action: ["s3:GetObject", "s3:GetObjectVersion"], Resource: [objects] },
    ]);
  });

  it("has S3 decrypt objects with the keys that are named, and lets the function do nothing else with them", async () => {
    const key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    const { PolicyDocument } = await objectBuckets.policy(given(BUCKET, key));
    expect(PolicyDocument.Statement).toMatchObject([
      { Action: ["s3:GetObject", "s3:GetObjectVersion"] },
      { Action: "kms:Decrypt", Resource: [key], Condition: { StringLike: { "kms:ViaService": expect.anything() } } },
    ]);
  });

  it("lets each bucket of the account invoke the function, once", async () => {
    const { Resources } = await objectBuckets.resources(given([BUCKET, `${BUCKET}/*`, "arn:aws:s3:::other.bucket"]));
    expect(Object.keys(Resources).every((name) => /^[A-Za-z0-9]+$/.test(name))).toBe(true);
    expect(Object.values(Resources)).toMatchObject([
      { Properties: { Principal: "s3.amazonaws.com", SourceArn: BUCKET, SourceAccount: { Ref: "AWS::AccountId" } } },
      { Properties: { SourceArn: "arn:aws:s3:::other.bucket" } },
    ]);
  });
});
