// Lambda function `thinker-microservice`: GET /think?subject=technology&subject=foo_bar
//
// Runs `think` once for each subject, in a span of its own. Logs written inside a span are tied to it: the tracer adds
// its ids to the lines of console and pino.
const { datadog } = require("datadog-lambda-js");
const tracer = require("dd-trace");
const pino = require("pino");

const logger = pino({ base: null });

const thoughts = {
  technology: {
    quote: "Technology is a useful servant but a dangerous master.",
    author: "Christian Lous Lange",
  },
};

exports.handler = datadog(async (event) => {
  const subjects = new URLSearchParams(event.rawQueryString).getAll("subject");
  console.log(`thinking about ${subjects.length} subjects`);

  const answers = {};
  for (const subject of subjects) {
    try {
      answers[subject] = await think(subject);
    } catch (error) {
      answers[subject] = { error: error.message };
    }
  }

  logger.info({ subjects }, "thought about everything");
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answers) };
});

function think(subject) {
  // An error thrown inside `trace` becomes the error of the span.
  return tracer.trace("think", { resource: subject, tags: { subject } }, async () => {
    console.log("thinking about", subject);
    await new Promise((resolve) => setTimeout(resolve, 20));

    const thought = thoughts[subject];
    if (!thought) {
      logger.error({ subject }, "no thought");
      throw new Error("Subject unknown");
    }
    logger.info({ subject, author: thought.author }, "found a thought");
    return thought;
  });
}
