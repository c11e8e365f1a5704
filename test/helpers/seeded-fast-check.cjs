// What tests have as fast-check: it tries the same cases each time, so that what a commit is found to be does not depend
// on chance. PROPERTY_SEED is another number, or "random" for cases nobody has seen yet.
const fastCheck = require("../../node_modules/fast-check/lib/cjs/fast-check.js");

const { PROPERTY_SEED = "1" } = process.env;
if (PROPERTY_SEED !== "random") fastCheck.configureGlobal({ seed: Number(PROPERTY_SEED) });

module.exports = fastCheck;
