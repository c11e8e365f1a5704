const commaList = require("./comma-list.cjs");
const decryptThrough = require("./decrypt-through.cjs");
const policy = require("./policy.cjs");

/**
 * What `${file(serverless/queues.cjs)}` stands for in serverless.yml: the policy that lets Lambda read these queues for the
 * function, through event source mappings that are made elsewhere, also where they are encrypted with keys of `KmsKeyList`;
 * nothing where there are none.
 */
module.exports = async ({ resolveVariable }) => {
  const Resource = commaList(await resolveVariable("param:SqsQueueArnList, null"));
  const Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
  if (Resource.length === 0) return policy("read-queues", []);
  return policy("read-queues", [
    { Effect: "Allow", Action, Resource },
    ...(await decryptThrough("sqs", resolveVariable)),
  ]);
};
