const failureParameters = require("./failure-parameters.cjs");
const failurePlace = require("./failure-place.cjs");
const isTrue = require("./is-true.cjs");

/** What `${file(serverless/resource-tags.cjs):<name>}` stands for in serverless.yml. */
module.exports = {
  /**
   * The policy that lets the function look up tags, and share them through the failure bucket; nothing where it
   * looks up none.
   */
  policy: async ({ resolveVariable }) => {
    const isOn = async (name) => isTrue(await resolveVariable(`param:${name}, null`));
    const [lambda, logGroups, buckets] = await Promise.all(
      ["DdFetchLambdaTags", "DdFetchLogGroupTags", "DdFetchS3Tags"].map(isOn),
    );
    // CloudFormation leaves it out of the list.
    if (!lambda && !logGroups && !buckets) return { Ref: "AWS::NoValue" };
    const statements = [];
    // The call names no resource, so AWS has no narrower right to it than this.
    if (lambda || buckets) statements.push({ Effect: "Allow", Action: "tag:GetResources", Resource: "*" });
    if (logGroups) {
      statements.push({
        Effect: "Allow",
        Action: "logs:ListTagsForResource",
        Resource: { "Fn::Sub": `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:*` },
      });
    }
    const place = failurePlace(await failureParameters(resolveVariable));
    if (place?.bucketArn) {
      statements.push({
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
        Resource: { "Fn::Join": ["", [place.bucketArn, "/cache/*"]] },
      });
    }
    return { PolicyName: "look-up-tags", PolicyDocument: { Version: "2012-10-17", Statement: statements } };
  },
};
