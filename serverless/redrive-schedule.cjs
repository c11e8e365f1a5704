const failureParameters = require("./failure-parameters.cjs");
const redriveInterval = require("./redrive-interval.cjs");

/** The function's own schedule: an invocation with `{"retry": true}` sends what is stored. No store, no schedule. */
module.exports = async ({ resolveVariable }) => {
  const minutes = redriveInterval(await failureParameters(resolveVariable));
  if (minutes === undefined) return [];
  return [
    {
      schedule: {
        description: "Sends the stored events again.",
        // EventBridge refuses `rate(1 minutes)`.
        rate: [minutes === 1 ? "rate(1 minute)" : `rate(${minutes} minutes)`],
        input: { retry: true },
      },
    },
  ];
};
