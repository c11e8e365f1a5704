/**
 * What is wrong with the parameters about an OpenTelemetry backend: a sentence or two each, with the remedy.
 *
 * An intrinsic function of CloudFormation, such as `!ImportValue`, is not looked into.
 *
 * @param parameters all of them, by name
 */
module.exports = function otlpProblems(parameters) {
  const { OtlpEndpoint, OtlpHeadersSecretArn, OtlpHeadersSsmParameterName, OtlpProtocol, OtlpJsonLogs } = parameters;
  const problems = [];
  if (isText(OtlpEndpoint) && !isEndpoint(OtlpEndpoint)) {
    problems.push(
      "OtlpEndpoint must be a URL, as https://collector.example.com:4318, without user, password and fragment.",
    );
  }
  if (isText(OtlpProtocol) && !/^http\/(?:protobuf|json)$/.test(OtlpProtocol)) {
    problems.push(`OtlpProtocol must be http/protobuf or http/json, got ${JSON.stringify(OtlpProtocol)}.`);
  }
  if (isText(OtlpJsonLogs) && !/^(?:attributes|string)$/.test(OtlpJsonLogs)) {
    problems.push(`OtlpJsonLogs must be attributes or string, got ${JSON.stringify(OtlpJsonLogs)}.`);
  }
  if (OtlpHeadersSecretArn && OtlpHeadersSsmParameterName) {
    problems.push("The headers are in one place: give OtlpHeadersSecretArn or OtlpHeadersSsmParameterName, not both.");
  }
  if ((OtlpHeadersSecretArn || OtlpHeadersSsmParameterName) && !OtlpEndpoint) {
    problems.push("OtlpHeadersSecretArn and OtlpHeadersSsmParameterName are for a backend: give OtlpEndpoint too.");
  }
  return problems;
};

function isEndpoint(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return Boolean(url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.hash);
}

function isText(value) {
  return typeof value === "string";
}
