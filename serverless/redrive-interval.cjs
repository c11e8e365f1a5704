const failurePlace = require("./failure-place.cjs");
const isTrue = require("./is-true.cjs");
const wholeNumber = require("./whole-number.cjs");

/**
 * The minutes from one scheduled redrive to the next; undefined when none is scheduled.
 *
 * @param parameters as `failure-parameters.cjs` gives them
 */
module.exports = function redriveInterval(parameters) {
  const { DdScheduleRetryFailedEvents, DdScheduleRetryInterval, RedriveIntervalInMinutes } = parameters;
  if (!failurePlace(parameters) || !isTrue(DdScheduleRetryFailedEvents)) return undefined;
  return (wholeNumber(DdScheduleRetryInterval) ?? 0) * 60 || wholeNumber(RedriveIntervalInMinutes) || undefined;
};
