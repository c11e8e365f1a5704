/**
 * A parameter that is a list: a YAML list in serverless.yml, or one text with commas from the command line.
 *
 * An intrinsic function of CloudFormation, such as `!ImportValue`, stays as it is.
 */
module.exports = function commaList(value) {
  return [value ?? []]
    .flat()
    .flatMap((item) => (typeof item === "object" ? [item] : String(item).split(",")))
    .map((item) => (typeof item === "string" ? item.trim() : item))
    .filter((item) => item !== "");
};
