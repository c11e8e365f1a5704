/** @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
module.exports = function isLogGroupName(value) {
  return typeof value === "string" && /^[\w.\-/#]{1,512}$/.test(value);
};
