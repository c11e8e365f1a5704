/** A parameter that is a list: a YAML list in serverless.yml, or one text with commas from the command line. */
module.exports = function commaList(value) {
  return [value ?? []]
    .flat()
    .flatMap((item) => String(item).split(","))
    .map((item) => item.trim())
    .filter((item) => item !== "");
};
