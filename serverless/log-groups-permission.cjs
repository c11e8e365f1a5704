/**
 * Lets CloudWatch Logs invoke the forwarder for every log group of its account and region. One for each log group would
 * not fit into a function's policy, which takes 20 KB.
 */
module.exports = {
  Type: "AWS::Lambda::Permission",
  Properties: {
    FunctionName: { "Fn::GetAtt": ["ForwarderLambdaFunction", "Arn"] },
    Action: "lambda:InvokeFunction",
    Principal: { "Fn::Sub": `logs.\${AWS::URLSuffix}` },
    SourceArn: { "Fn::Sub": `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:*` },
  },
};
