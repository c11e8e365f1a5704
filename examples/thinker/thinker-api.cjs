// Lambda function `thinker-api`: GET /think?subject=technology&subject=foo_bar
//
// Asks thinker-microservice for a thought about each subject. The tracer adds its headers to the request by itself,
// so the spans of both functions become one trace.
const { datadog } = require("datadog-lambda-js");
const pino = require("pino");

const logger = pino({ base: null });

exports.handler = datadog(async (event) => {
  const query = event.rawQueryString;
  console.log("GET /think for", new URLSearchParams(query).getAll("subject"));

  const response = await fetch(`${process.env.THINKER_MICROSERVICE_URL}/think?${query}`);
  const thoughts = await response.json();

  logger.info({ status: response.status, thoughts: Object.keys(thoughts).length }, "microservice answered");
  return {
    statusCode: response.status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(thoughts),
  };
});
