const commaList = require("./comma-list.cjs");
const isLogGroupName = require("./is-log-group-name.cjs");
const { subscribeParameters } = require("./subscribe-parameters.cjs");
const wholeNumber = require("./whole-number.cjs");

// What CloudWatch Logs takes as selection criteria, in bytes.
const maxCriteriaBytes = 25_000;
// A function's name has 64 characters at most.
const maxFunctionName = 64 - "-subscribe".length;

/**
 * What is wrong with the parameters about log groups: a sentence or two each, with the remedy.
 *
 * @param parameters all of them, by name
 */
module.exports = function subscribeProblems(parameters) {
  const subscribe = subscribeParameters(parameters);
  return [
    ...switches(parameters),
    ...interval(parameters),
    ...ways(parameters, subscribe),
    ...listed(parameters),
    ...choice(parameters, subscribe),
    ...policy(subscribe),
  ];
};

function switches(parameters) {
  return ["SubscribeNewLogGroups", "SubscribeDryRun", "SubscribeAccount"]
    .filter((name) => isGiven(parameters[name]) && !/^\s*(?:true|false)\s*$/i.test(String(parameters[name])))
    .map((name) => `${name} must be true or false, got ${JSON.stringify(parameters[name])}.`);
}

function interval({ SubscribeIntervalInHours: hours }) {
  if (!isGiven(hours) || wholeNumber(hours) !== undefined) return [];
  return [`SubscribeIntervalInHours must be a whole number of hours; 0 = never, got ${JSON.stringify(hours)}.`];
}

/** Two ways at once would bring events twice. */
function ways({ LogGroups }, { isOn, isOfAccount, exclude, replace }) {
  const given = [
    [commaList(LogGroups).length > 0, "LogGroups"],
    [isOn, "SubscribePrefixes, SubscribePattern and SubscribeTags"],
    [isOfAccount, "SubscribeAccount"],
  ]
    .filter(([isUsed]) => isUsed)
    .map(([, name]) => name);
  if (given.length > 1) {
    return [
      `Log groups are subscribed in one way, or their events would come twice: give either ${given.join(", or ")}.`,
    ];
  }
  const problems = [];
  if (exclude.length > 0 && !isOn && !isOfAccount) {
    problems.push(
      "SubscribeExclude leaves out some of what is chosen: give SubscribePrefixes or SubscribeAccount too.",
    );
  }
  if (replace.length > 0 && !isOn) {
    problems.push(
      "SubscribeReplace is for log groups that are chosen: give SubscribePrefixes, SubscribePattern or SubscribeTags too.",
    );
  }
  return problems;
}

function listed({ LogGroups, FunctionName }) {
  return [...new Set(commaList(LogGroups))].flatMap((logGroup) => {
    if (!isLogGroupName(logGroup)) {
      return [
        `LogGroups has ${JSON.stringify(logGroup)}, which cannot be a log group's name: give names, not ARNs or patterns.`,
      ];
    }
    return logGroup === `/aws/lambda/${FunctionName}`
      ? [
          `LogGroups has ${logGroup}, the forwarder's own log group: it would forward its own log for ever. Leave it out.`,
        ]
      : [];
  });
}

function choice({ FunctionName }, { isOn, isOfAccount, prefixes, tags, exclude, replace }) {
  const problems = [];
  for (const prefix of prefixes) {
    if (!/^[\w.\-/#]{1,512}$/.test(prefix)) {
      problems.push(
        `SubscribePrefixes has ${JSON.stringify(prefix)}, with which no log group's name can begin: give beginnings such as /aws/lambda/, not ARNs or patterns.`,
      );
    }
  }
  for (const tag of tags) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/+\-@]{1,128}(?:=[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256})?$/u.test(tag)) {
      problems.push(`SubscribeTags has ${JSON.stringify(tag)}, which is no tag: give key=value, or a key alone.`);
    }
  }
  for (const name of exclude) {
    if (!/^[\w.\-/#*]{1,512}$/.test(name)) {
      problems.push(
        `SubscribeExclude has ${JSON.stringify(name)}, which cannot be a log group's name: give names, not ARNs.`,
      );
    } else if (isOfAccount && name.includes("*")) {
      problems.push(
        `SubscribeExclude has ${name}: the policy of SubscribeAccount takes whole names only; SubscribePrefixes, in its place, takes *.`,
      );
    }
  }
  for (const destination of replace) {
    if (!/^(?:arn:[a-z-]+:[a-z]+:\S+|[\w-]{1,64})$/.test(destination)) {
      problems.push(
        `SubscribeReplace has ${JSON.stringify(destination)}: give names of functions, or ARNs of functions, streams and destinations.`,
      );
    }
  }
  if (isOn && typeof FunctionName === "string" && FunctionName.length > maxFunctionName) {
    problems.push(
      `FunctionName must have ${maxFunctionName} characters or fewer, as the second function has -subscribe behind it.`,
    );
  }
  return problems;
}

function policy({ isOfAccount, exclude }) {
  if (!isOfAccount || Buffer.byteLength(JSON.stringify(exclude)) < maxCriteriaBytes) return [];
  return [
    `SubscribeExclude is longer than the ${maxCriteriaBytes} bytes that CloudWatch Logs takes in an account's policy: give SubscribePrefixes in place of SubscribeAccount.`,
  ];
}

function isGiven(value) {
  return value !== null && value !== undefined;
}
