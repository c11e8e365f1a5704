/**
 * The ARN of the queue that a URL names: `https://sqs.eu-west-1.amazonaws.com/123456789012/failed` is
 * `arn:…:sqs:eu-west-1:123456789012:failed`.
 *
 * Undefined when the host does not tell the region.
 */
module.exports = function queueArn(url) {
  const [, host, account, name] = /^https?:\/\/([^/]+)\/(\d{12})\/([\w-]+)$/.exec(url) ?? [];
  const [, region] =
    /(?:^|\.)sqs(?:-fips)?\.([a-z0-9]+(?:-[a-z0-9]+)+)\./.exec(host) ??
    /^([a-z0-9-]+)\.queue\.amazonaws\.com$/.exec(host) ??
    [];
  return region && { "Fn::Sub": `arn:\${AWS::Partition}:sqs:${region}:${account}:${name}` };
};
