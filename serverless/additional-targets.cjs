const commaList = require("./comma-list.cjs");
const policy = require("./policy.cjs");

/** What `${file(serverless/additional-targets.cjs):<name>}` stands for in serverless.yml. */
module.exports = {
  /** As the function's variable has them; null when there are none. */
  variable: async ({ resolveVariable }) => {
    const targets = await targetsFrom(resolveVariable);
    return targets.length > 0 ? targets.join(",") : null;
  },

  /** Lets the function invoke exactly these. */
  policy: async ({ resolveVariable }) => {
    const targets = await targetsFrom(resolveVariable);
    const invoke = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: targets.map(arnOf) };
    return policy("invoke-additional-targets", targets.length > 0 ? [invoke] : []);
  },
};

async function targetsFrom(resolveVariable) {
  return [...new Set(commaList(await resolveVariable("param:AdditionalTargetLambdaArns, null")))];
}

/** A name is one of the forwarder's own account and region. */
function arnOf(target) {
  if (target.startsWith("arn:")) return target;
  return { "Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${target}` };
}
