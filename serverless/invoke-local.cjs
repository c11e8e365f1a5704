/**
 * Lets `serverless invoke local` work without AWS: what it runs looks up no tags and stores nothing, and fails where the
 * deployed function would store. The failure store belongs to the deployed function, which would send what is in it.
 */
module.exports = class InvokeLocal {
  constructor(serverless) {
    this.hooks = {
      // The command reads the environment before the hooks of its own that a plugin could use.
      initialize: () => {
        if (serverless.processedInput.commands.join(" ") !== "invoke local") return;
        Object.assign(serverless.service.functions.forwarder.environment, {
          DD_STORE_FAILED_EVENTS: "false",
          DD_S3_BUCKET_NAME: null,
          DD_SQS_QUEUE_URL: null,
          DD_FETCH_LAMBDA_TAGS: "false",
          DD_FETCH_LOG_GROUP_TAGS: "false",
          DD_FETCH_S3_TAGS: "false",
        });
      },
    };
  }
};
