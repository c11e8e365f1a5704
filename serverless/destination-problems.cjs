const { listIn } = require("./destinations.cjs");

/** Lambda's limit is 4 kB for all variables together; the others take about 1 kB. */
const MAX_BYTES = 3_000;
/** What the function's rights are made of: a character too many in it would give others. */
const SAFE = {
  secretArn: /^arn:[^:\s*]+:secretsmanager:[^:\s*]+:[^:\s*]+:secret:[^\s*]+$/,
  ssmName: /^[\w./:-]+$/,
  bucket: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
  prefix: /^[\w!.'()-]+(?:\/[\w!.'()-]+)*$/,
};

/**
 * What is wrong with the table of destinations, as far as the deployment depends on it: a sentence or two each, with the
 * remedy. The function says the rest when it starts.
 *
 * @param parameters all of them, by name
 */
module.exports = function destinationProblems({ Destinations }) {
  const list = listIn(Destinations);
  if (!list) return ["Destinations must be a YAML list of objects, or the same as JSON."];
  const problems = list.flatMap((entry, index) =>
    Object.entries(SAFE)
      .filter(([field, pattern]) => entry[field] !== undefined && !pattern.test(String(entry[field])))
      .map(
        ([field]) => `Destinations: ${field} of entry ${index + 1} is not what it must be; see docs/destinations.md.`,
      ),
  );
  for (const [index, { type, bucket }] of list.entries()) {
    if (type === "s3" && !bucket) problems.push(`Destinations: entry ${index + 1} is of type s3: give its bucket.`);
  }
  if (list.some(({ apiKey }) => apiKey)) {
    problems.push(
      "Destinations: an apiKey would become part of the template. Give secretArn or ssmName, which say where the key is.",
    );
  }
  if (Buffer.byteLength(JSON.stringify(list)) > MAX_BYTES) {
    problems.push(`Destinations is longer than ${MAX_BYTES} bytes: Lambda has room for 4 kB of variables in all.`);
  }
  return problems;
};
