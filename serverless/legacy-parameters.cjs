/** The parameters of the Datadog Forwarder's template that there is nothing to do with, and what to do instead. */
module.exports = {
  DdApiKey:
    "the key would be readable in the template's history: store it in Secrets Manager or SSM, and give DdApiKeySecretArn or DdApiKeySsmParameterName",
  SourceZipUrl: "the function's code is built from this repository: npm run build",
  InstallAsLayer: "the function has its code in itself, in every region: leave it out",
  LayerARN: "the function has its code in itself, in every region: leave it out",
  DdUseTcp:
    "logs are sent over HTTPS: leave it out, and give DdUrl and DdPort only where they are those of an HTTPS intake",
  DdUsePrivateLink:
    "give VPCSubnetIds and VPCSecurityGroupIds, and the endpoints private DNS names; or their hosts as DdUrl and DdTraceIntakeUrl",
  DdMaxWorkers: "eight requests are under way to each intake at most: leave it out",
  DdFetchStepFunctionsTags: "the Datadog Forwarder has not fetched them since 5.4.10 either: leave it out",
  DdTraceEnabled: "the forwarder does not trace itself, and always forwards traces: leave it out",
  DdEnhancedMetrics: "the forwarder's own figures are in CloudWatch, under aws.dd_forwarder: leave it out",
};
