/** A parameter that is a switch: `true` from serverless.yml or as text from the command line. All else is false. */
module.exports = function isTrue(value) {
  return String(value).trim().toLowerCase() === "true";
};
