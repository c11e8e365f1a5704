const commaList = require("./comma-list.cjs");
const policy = require("./policy.cjs");

/** What `${file(serverless/object-buckets.cjs):<name>}` stands for in serverless.yml. */
module.exports = {
  /** Lets the function read the objects of exactly these buckets, and has S3 decrypt them for it. */
  policy: async ({ resolveVariable }) => {
    const buckets = await bucketsFrom(resolveVariable);
    const read = { Effect: "Allow", Action: ["s3:GetObject", "s3:GetObjectVersion"], Resource: buckets.map(objectsOf) };
    const Resource = commaList(await resolveVariable("param:KmsKeyList, null"));
    const viaS3 = { StringLike: { "kms:ViaService": { "Fn::Sub": `s3.*.\${AWS::URLSuffix}` } } };
    const decrypt = { Effect: "Allow", Action: "kms:Decrypt", Resource, Condition: viaS3 };
    return policy("read-objects", buckets.length === 0 ? [] : Resource.length > 0 ? [read, decrypt] : [read]);
  },

  /** Lets each of the buckets, where it is of the forwarder's own account, invoke the function. */
  resources: async ({ resolveVariable }) => {
    const buckets = [...new Set((await bucketsFrom(resolveVariable)).map(bucketOf))];
    const Resources = {};
    for (const bucket of buckets) {
      Resources[`ObjectsPermission${hex(bucket)}`] = {
        Type: "AWS::Lambda::Permission",
        Properties: {
          FunctionName: { "Fn::GetAtt": ["ForwarderLambdaFunction", "Arn"] },
          Action: "lambda:InvokeFunction",
          Principal: "s3.amazonaws.com",
          SourceAccount: { Ref: "AWS::AccountId" },
          ...(bucket !== "*" && { SourceArn: bucket }),
        },
      };
    }
    return buckets.length > 0 ? { Resources } : {};
  },
};

async function bucketsFrom(resolveVariable) {
  return [...new Set(commaList(await resolveVariable("param:S3BucketArnList, null")))];
}

/** The Datadog Forwarder's list has buckets with `/*` behind them, or with a folder. */
function objectsOf(arn) {
  return arn.includes("/") || arn === "*" ? arn : `${arn}/*`;
}

function bucketOf(arn) {
  return arn.split("/")[0];
}

/** Logical ids are letters and digits. */
function hex(text) {
  return Buffer.from(text.split(":").at(-1)).toString("hex");
}
