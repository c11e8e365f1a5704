/** The value of each parameter, as `${param:…}` in serverless.yml gives it. */
function parametersOf(serverless) {
  const given = Object.entries(stageParameters(serverless)).filter(([, value]) => value !== null);
  const { params } = serverless.configurationInput;
  return { ...params.default, ...Object.fromEntries(given), ...commandLineParameters(serverless) };
}

function stageParameters(serverless) {
  return serverless.configurationInput.params[serverless.getProvider("aws").getStage()] ?? {};
}

function commandLineParameters(serverless) {
  const pairs = (serverless.processedInput.options.param ?? []).map((param) => {
    const [name, ...value] = param.split("=");
    return [name, value.join("=").trimEnd()];
  });
  return Object.fromEntries(pairs);
}

module.exports = { parametersOf, stageParameters, commandLineParameters };
