const commaList = require("./comma-list.cjs");
const policy = require("./policy.cjs");

/**
 * What `${file(serverless/queues.cjs)}` stands for in serverless.yml: the policy that lets Lambda read these queues for the
 * function, through event source mappings that are made elsewhere; nothing where there are none.
 */
module.exports = async ({ resolveVariable }) => {
  const Resource = commaList(await resolveVariable("param:SqsQueueArnList, null"));
  const Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
  return policy("read-queues", Resource.length > 0 ? [{ Effect: "Allow", Action, Resource }] : []);
};
