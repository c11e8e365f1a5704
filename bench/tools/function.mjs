/** The built function, called as Lambda calls it, with its own log caught instead of printed. */
import { pathToFileURL } from "node:url";

const CONTEXT = {
  functionName: "log-trace-forwarder",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:log-trace-forwarder",
  memoryLimitInMB: "512",
  awsRequestId: "8f507cfc-2d3c-4bd0-8d9a-6f1e2b0c7a51",
  logGroupName: "/aws/lambda/log-trace-forwarder",
  logStreamName: "2026/11/21/[$LATEST]0123456789abcdef0123456789abcdef",
  getRemainingTimeInMillis: () => 60_000,
};

/**
 * @param {string} file dist/forwarder.mjs
 * @param {object} [given] of Lambda's context, instead of the usual
 * @returns {Promise<{invoke: (event: object) => Promise<void>, ledgers: () => object[]}>} `ledgers` gives those of the
 *   invocations since it was last asked
 * @throws {Error} when an invocation's ledger does not balance, or not all was delivered
 */
export async function loadFunction(file, given = {}) {
  const { handler } = await import(pathToFileURL(file).href);
  let printed = [];
  return {
    async invoke(event) {
      const write = process.stdout.write;
      process.stdout.write = (text) => {
        printed.push(String(text));
        return true;
      };
      try {
        await handler(event, { ...CONTEXT, ...given });
      } finally {
        process.stdout.write = write;
      }
    },
    ledgers() {
      const lines = printed.join("").split("\n");
      printed = [];
      return lines.filter((line) => line.includes('"ledger"')).map((line) => checked(JSON.parse(line).ledger));
    },
  };
}

function checked(ledger) {
  const destinations = Object.values(ledger.destinations);
  const isWhole = destinations.every(({ offered, delivered }) => offered === delivered);
  if (ledger.unaccounted !== 0 || !isWhole) throw new Error(`the ledger does not balance: ${JSON.stringify(ledger)}`);
  return ledger;
}
