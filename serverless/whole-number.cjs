/** A parameter that counts something: a number from serverless.yml or its text; undefined when it is neither. */
module.exports = function wholeNumber(value) {
  const text = String(value).trim();
  return /^\d{1,7}$/.test(text) ? Number(text) : undefined;
};
