const commaList = require("./comma-list.cjs");
const isTrue = require("./is-true.cjs");
const wholeNumber = require("./whole-number.cjs");

const names = [
  "SubscribePrefixes",
  "SubscribePattern",
  "SubscribeTags",
  "SubscribeExclude",
  "SubscribeReplace",
  "SubscribeNewLogGroups",
  "SubscribeIntervalInHours",
  "SubscribeDryRun",
  "SubscribeAccount",
];

/** The parameters about log groups that are not listed, as they are meant. */
module.exports = {
  /** @param parameters all of them, by name */
  subscribeParameters(parameters) {
    const { SubscribePattern } = parameters;
    const choice = {
      prefixes: commaList(parameters.SubscribePrefixes),
      pattern: SubscribePattern === null || SubscribePattern === undefined ? "" : String(SubscribePattern),
      tags: commaList(parameters.SubscribeTags),
      exclude: commaList(parameters.SubscribeExclude),
      replace: commaList(parameters.SubscribeReplace),
      isDryRun: isTrue(parameters.SubscribeDryRun),
      takesNew: isTrue(parameters.SubscribeNewLogGroups),
      intervalHours: wholeNumber(parameters.SubscribeIntervalInHours) ?? 0,
    };
    return {
      ...choice,
      isOn: choice.prefixes.length > 0 || choice.pattern !== "" || choice.tags.length > 0,
      isOfAccount: isTrue(parameters.SubscribeAccount),
    };
  },

  /** The same, from the variables of serverless.yml. */
  async resolved(resolveVariable) {
    const values = await Promise.all(names.map(async (name) => [name, await resolveVariable(`param:${name}, null`)]));
    return module.exports.subscribeParameters(Object.fromEntries(values));
  },
};
