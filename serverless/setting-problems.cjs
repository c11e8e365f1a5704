/**
 * What the function itself would say of its variables when it starts, in the parameters' names: a sentence or two each.
 *
 * A variable whose value only CloudFormation knows is not looked at.
 *
 * @param environment the function's variables, and those of the function that subscribes log groups
 * @param serverlessYml the text of serverless.yml, which says which parameter is which variable
 * @param findingsOn of `src/cli/deployed-settings.ts`
 * @returns `{ problems, warnings }`
 */
module.exports = async function settingProblems(environment, serverlessYml, findingsOn) {
  const known = Object.entries(environment).filter(([, value]) =>
    ["string", "number", "boolean"].includes(typeof value),
  );
  const { problems, warnings } = await findingsOn(
    Object.fromEntries(known.map(([name, value]) => [name, String(value)])),
  );
  const parameters = parametersIn(serverlessYml);
  const named = (sentences) => [...new Set(sentences.map((sentence) => inParameters(sentence, parameters)))];
  return { problems: named(problems), warnings: named(warnings) };
};

/** Of several parameters of one variable, the last is the one that is usually given. */
function parametersIn(serverlessYml) {
  const found = [...serverlessYml.matchAll(/^ {6}([A-Z_\d]+): \$\{(?:param:\w+, )*param:(\w+)/gm)];
  return new Map([
    ["DESTINATIONS", "Destinations"],
    ["DD_ADDITIONAL_TARGET_LAMBDAS", "AdditionalTargetLambdaArns"],
    ["SUBSCRIBE_PATTERN", "SubscribePattern"],
    ...found.map(([, variable, parameter]) => [variable, parameter]),
  ]);
}

function inParameters(sentence, parameters) {
  const named = sentence.replace(
    /\b[A-Z][A-Z\d]*(?:_[A-Z\d]+)+\b|^DESTINATIONS\b/g,
    (variable) => parameters.get(variable) ?? variable,
  );
  return named.endsWith(".") ? named : `${named}.`;
}
