/** The command line of `npm run bench`. */
import { parseArgs } from "node:util";
import { DELIVERIES } from "./deliveries.mjs";

export const MEASURES = ["cpu", "warming", "wall", "memory", "bytes", "cold", "growth", "options", "object", "viewer"];

export const HELP = `npm run bench -- [options]      measures the built function on this machine

  --quick                       three rounds, fewer iterations, deliveries of 1 KB and 100 KB
  --only lambda-1m,trace-100k   these deliveries, for cpu and bytes
  --measure cpu,bytes           of ${MEASURES.join(", ")}
  --rounds N                    default 5
  --write                       everything, into docs/performance.md and bench/baseline.json
  --check                       a shorter set, compared with bench/baseline.json; under three minutes
  --strict                      with --check: status 1 when something is worse
  --smoke                       every tool once on tiny deliveries, to see that they work
  --help

Deliveries: ${Object.keys(DELIVERIES).join(", ")}
`;

/** A command line that cannot be used; the message says why. */
export class UsageError extends Error {}

/** @throws {UsageError} */
export function parseArguments(args) {
  const values = parsed(args);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new UsageError(`--rounds must be a whole number from 1, got ${values.rounds}`);
  }
  if (values.write && (values.only || values.measure || values.quick || values.check)) {
    throw new UsageError("--write measures everything, so without --only, --measure, --quick and --check");
  }
  const only = listed(values.only, Object.keys(DELIVERIES), "--only");
  const measures = listed(values.measure, MEASURES, "--measure");
  return { ...values, rounds, only, measures };
}

function parsed(args) {
  const flag = { type: "boolean", default: false };
  const text = { type: "string" };
  const options = {
    ...{ quick: flag, write: flag, check: flag, strict: flag, smoke: flag, help: flag },
    ...{ only: text, measure: text, rounds: text },
  };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function listed(text, known, option) {
  const names = text
    ?.split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = names?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`${option}: there is no ${unknown}; there are ${known.join(", ")}`);
  return names;
}
