const commaList = require("./comma-list.cjs");
const policy = require("./policy.cjs");
const { decryptSecret, readSecret } = require("./secret-place.cjs");

/** What `${file(serverless/destinations.cjs):<name>}` stands for in serverless.yml. */
module.exports = {
  /** As the function's variable has them; null when there are none. */
  variable: async (given) => {
    const destinations = await destinationsFrom(given);
    return destinations.length > 0 ? JSON.stringify(destinations) : null;
  },

  /** Lets the function read the secrets of the entries, and write below the prefixes of the archives; nothing else. */
  policy: async (given) => {
    const destinations = await destinationsFrom(given);
    const kmsKeys = commaList(await given.resolveVariable("param:KmsKeyList, null"));
    const reading = destinations.flatMap(({ secretArn = null, ssmName = null }) => {
      const statements = readSecret(secretArn, ssmName);
      const isDecrypted = statements.length > 0 && kmsKeys.length > 0;
      return isDecrypted ? [...statements, decryptSecret(secretArn, ssmName, kmsKeys)] : statements;
    });
    const archives = destinations.filter(({ type }) => type === "s3").map(objectsOf);
    const writing = archives.length > 0 ? [{ Effect: "Allow", Action: "s3:PutObject", Resource: archives }] : [];
    return policy("reach-destinations", [...reading, ...writing]);
  },

  listIn,
};

async function destinationsFrom({ resolveVariable }) {
  return listIn(await resolveVariable("param:Destinations, null")) ?? [];
}

/** A YAML list in serverless.yml, or JSON from the command line; undefined when it is neither. */
function listIn(value) {
  if (value === null || value === undefined || value === "") return [];
  try {
    const list = typeof value === "string" ? JSON.parse(value) : value;
    const isList = Array.isArray(list) && list.every((entry) => typeof entry === "object" && entry !== null);
    return isList ? list : undefined;
  } catch {
    return undefined;
  }
}

function objectsOf({ bucket, prefix }) {
  return { "Fn::Sub": `arn:\${AWS::Partition}:s3:::${bucket}/${prefix ? `${prefix}/` : ""}*` };
}
