/** What follows when the first attempt for a body was in vain. Loaded only then. */
import type { Rejected, Retryable } from "../destinations/destination.ts";
import { Circuit } from "./circuit.ts";
import type { Attempt, Courier } from "./courier.ts";
import { count } from "./ledger.ts";
import { nextDelay, retryAfterMs } from "./retry.ts";
import type { Setback } from "./setback.ts";
import type { Packed } from "./world.ts";

/** For one body where it can be stored instead. Where not, it is sent until the time is up. */
const MAX_ATTEMPTS = 4;
const PATIENCE_MS = 10_000;

/**
 * Sends a body again until the intake takes it, refuses it, or trying again is in vain.
 *
 * @param first what the first attempt came to, or why none was made
 * @returns what stood in the way; undefined: it is delivered
 */
export async function persist(
  courier: Courier,
  packed: Packed,
  items: number,
  first: Attempt | string,
): Promise<Setback | undefined> {
  if (typeof first === "string") return { reason: first, isItems: false, answer: "" };
  const startedUnixMs = courier.world.nowUnixMs();
  let attempt = first;
  for (let number = 1; attempt.outcome.status !== "delivered"; number++) {
    const { outcome } = attempt;
    const isWorthIt =
      outcome.status === "rejected"
        ? await isMended(courier, outcome, number)
        : await waited(courier, outcome, attempt.isStale, number, startedUnixMs);
    if (!isWorthIt || courier.hindrance()) {
      return {
        reason: outcome.reason,
        isItems: outcome.status === "rejected" && outcome.fault === "items",
        answer: attempt.answer,
      };
    }
    count(courier.books.retried, outcome.reason, 1);
    attempt = await courier.attempt(packed, items);
  }
  return undefined;
}

/** Whether there are other credentials now; a body is sent once more with them. */
async function isMended({ world }: Courier, { fault }: Rejected, number: number): Promise<boolean> {
  return fault === "credentials" && number === 1 && world.renewCredentials();
}

/** Waits as long as the intake asks or as is usual; false: that would be too long. */
async function waited(
  courier: Courier,
  { retryAfter }: Retryable,
  isStale: boolean,
  number: number,
  startedUnixMs: number,
): Promise<boolean> {
  if (isStale && number === 1) {
    circuitOf(courier)?.abandoned();
    return true;
  }
  const { random, nowUnixMs, sleep } = courier.world;
  const msLeft = patienceMs(courier, number, startedUnixMs);
  const moment = { attempt: number, retryAfter, msLeft, nowUnixMs: nowUnixMs(), random: random() };
  const delayMs = nextDelay(moment);
  if (delayMs === undefined) {
    circuitOf(courier)?.failed(nowUnixMs(), retryAfterMs(retryAfter, nowUnixMs()) ?? 0);
    return false;
  }
  await sleep(delayMs);
  return true;
}

/** How long it may take until another attempt begins. */
function patienceMs(courier: Courier, number: number, startedUnixMs: number): number {
  const { world } = courier;
  const circuit = circuitOf(courier);
  if (!circuit) return world.msLeft();
  if (circuit.isOpen || number >= MAX_ATTEMPTS) return 0;
  return Math.min(world.msLeft(), startedUnixMs + PATIENCE_MS - world.nowUnixMs());
}

function circuitOf({ circuits, destination }: Courier): Circuit | undefined {
  if (!circuits) return undefined;
  const circuit = circuits.get(destination.name) ?? new Circuit();
  circuits.set(destination.name, circuit);
  return circuit;
}
