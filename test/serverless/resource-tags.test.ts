const resourceTags = require("../../serverless/resource-tags.cjs");

const ofTagging = { Effect: "Allow", Action: "tag:GetResources", Resource: "*" };
const ofLogGroups = {
  Effect: "Allow",
  Action: "logs:ListTagsForResource",
  Resource: { "Fn::Sub": `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:*` },
};
const ofCache = {
  Effect: "Allow",
  Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
  Resource: { "Fn::Join": ["", [{ "Fn::GetAtt": ["FailureBucket", "Arn"] }, "/cache/*"]] },
};

describe("serverless/resource-tags", () => {
  it.each([
    [{ DdFetchLambdaTags: true }, [ofTagging, ofCache]],
    [{ DdFetchS3Tags: "true" }, [ofTagging, ofCache]],
    [{ DdFetchLogGroupTags: "TRUE" }, [ofLogGroups, ofCache]],
    [{ DdFetchLambdaTags: true, DdFetchLogGroupTags: true, DdFetchS3Tags: true }, [ofTagging, ofLogGroups, ofCache]],
    [{ DdFetchLambdaTags: true, DdStoreFailedEvents: false }, [ofTagging]],
    [
      { DdFetchLambdaTags: true, DdSqsQueueUrl: "https://sqs.eu-west-1.amazonaws.com/123456789012/failed" },
      [ofTagging],
    ],
  ])("with %j gives the rights for that, and no others", async (parameters, statements) => {
    expect(await policyFor(parameters)).toEqual({
      PolicyName: "look-up-tags",
      PolicyDocument: { Version: "2012-10-17", Statement: statements },
    });
  });

  it("lets the function use the folder of tags in a bucket that is there", async () => {
    const { PolicyDocument } = await policyFor({ DdFetchLambdaTags: true, DdForwarderExistingBucketName: "mine" });
    const arn = { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":s3:::", "mine"]] };
    expect(PolicyDocument.Statement.at(-1).Resource).toEqual({ "Fn::Join": ["", [arn, "/cache/*"]] });
  });

  it.each([{}, { DdFetchLambdaTags: "no" }])("with %j gives no right at all", async (parameters) => {
    expect(await policyFor(parameters)).toEqual({ Ref: "AWS::NoValue" });
  });
});

async function policyFor(parameters: Record<string, unknown>) {
  const values: Record<string, unknown> = { DdStoreFailedEvents: true, ...parameters };
  const resolveVariable = async (variable: string) => values[/^param:(\w+), null$/.exec(variable)?.[1] ?? ""] ?? null;
  return resourceTags.policy({ resolveVariable });
}
