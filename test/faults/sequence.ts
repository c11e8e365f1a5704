/** Runs the steps of a sequence, and then lets everything recover. */
import type { Stored } from "./bucket.ts";
import type { Kill } from "./function-process.ts";
import type { Delivery, History } from "./history.ts";
import { otlpCopyOf } from "./item-ids.ts";
import { type Sequence, type Step, told } from "./steps.ts";
import { aLoad, type Load, newIds } from "./traffic.ts";
import { aWorld } from "./world.ts";

/** After the last fault. One redrive sends all there is, unless the one before it was killed and still holds the lease. */
const MAX_LAST_REDRIVES = 4;
/** With those for which the machine was too busy, which may leave the rest to the next. */
const MAX_REDRIVES_IN_ALL = 30;
const MINUTES_BETWEEN_REDRIVES = 10;
/** Short times, so that what hangs costs little. Where nothing can be stored, the function tries until its time is up. */
const MS_LEFT = 3_000;
const MS_LEFT_WITHOUT_STORE = 1_500;

export interface Outcome {
  hasStore: boolean;
  /** Whether there was an OTLP backend beside Datadog. */
  hasOtlp?: boolean | undefined;
  history: History;
  stored: Stored;
  /** Keys of what is still to be redriven. */
  leftOver: string[];
}

export async function runSequence({ hasStore, hasOtlp, steps }: Sequence): Promise<Outcome> {
  const msLeft = hasStore ? MS_LEFT : MS_LEFT_WITHOUT_STORE;
  const environment = { DD_STORE_FAILED_EVENTS: String(hasStore) };
  const { lambda, intake, otlp, bucket, faults, history, stop } = aWorld({ environment, msLeft, hasOtlp });
  await bucket.create();
  try {
    for (const step of steps) {
      history.trace.push(told(step));
      await perform(step);
    }
    history.trace.push("everything recovers");
    faults.switchOff();
    await invokeAgain(lambda.toBeInvokedAgain());
    if (hasStore) await redriveAll();
    return { hasStore, hasOtlp, history, stored: await bucket.stored(), leftOver: await bucket.keysToRedrive() };
  } finally {
    await stop();
  }

  async function perform(step: Step): Promise<void> {
    if ("faults" in step) for (const fault of step.faults) faults.switchOn(fault);
    switch (step.do) {
      case "deliver": {
        const delivery = deliveryOf(step.load);
        await lambda.deliver(delivery, killOf(step));
        if (step.again === "at once") await invokeAgain([delivery]);
        return;
      }
      case "deliver during a redrive":
        if (hasStore) await Promise.all([lambda.redrive(killOf(step)), lambda.deliver(deliveryOf(step.load))]);
        else await lambda.deliver(deliveryOf(step.load), killOf(step));
        return;
      case "redrive":
        if (hasStore) await lambda.redrive(killOf(step));
        return;
      case "redrive twice":
        if (hasStore) await Promise.all([lambda.redrive(killOf(step)), lambda.redrive()]);
        return;
      case "leave in the store":
        if (hasStore) await leave(step.what);
        return;
      case "invoke again what failed":
        for (const delivery of lambda.toBeInvokedAgain()) await lambda.deliver(delivery);
        return;
      case "switch all faults off":
        return faults.switchOff();
      case "wait":
        return lambda.wait(step.minutes);
      case "close idle connections":
        return lambda.closeIdleConnections();
    }
  }

  function deliveryOf(load: Load): Delivery {
    const { event, ids } = aLoad(load);
    intake.refuse(ids.slice(0, load.malformed));
    if (!otlp) return lambda.take(event, ids);
    const copies = ids.map(otlpCopyOf);
    otlp.refuse(copies.slice(copies.length - load.malformed));
    return lambda.take(event, [...ids, ...copies]);
  }

  async function leave(what: "logs" | "nonsense"): Promise<void> {
    if (what === "nonsense") return bucket.leaveNonsense();
    const ids = newIds(3);
    history.deliveries.push({ ids, attempts: 0, state: "succeeded" });
    await bucket.leaveLogs(ids);
  }

  /** Until Lambda gives up. */
  async function invokeAgain(deliveries: Delivery[]): Promise<void> {
    for (const delivery of deliveries) {
      while (delivery.state === "to be invoked") await lambda.deliver(delivery);
    }
  }

  async function redriveAll(): Promise<void> {
    for (let redrives = 0, all = 0; redrives < MAX_LAST_REDRIVES && all < MAX_REDRIVES_IN_ALL; all++) {
      lambda.wait(MINUTES_BETWEEN_REDRIVES);
      const { isStarved } = await lambda.redrive();
      if ((await bucket.keysToRedrive()).length === 0) return;
      if (!isStarved) redrives++;
    }
  }
}

function killOf({ kill }: { kill: Kill | null }): Kill | undefined {
  return kill ?? undefined;
}
