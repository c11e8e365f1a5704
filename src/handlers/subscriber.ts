/** Subscribes log groups to the forwarder: those that are there when it is deployed, and those that are made later. */
import { setTimeout as sleep } from "node:timers/promises";
import { createLog, type Log } from "../io/log.ts";
import { type Patience, patient } from "../subscriptions/back-off.ts";
import { createdLogGroup } from "../subscriptions/created-log-group.ts";
import {
  type Answerable,
  answerBody,
  type CustomResourceAnswer,
  type CustomResourceRequest,
  isCustomResourceRequest,
} from "../subscriptions/custom-resource.ts";
import { failedMetric } from "../subscriptions/failed-metric.ts";
import { type Finding, filterNameOf, type LogGroupsApi } from "../subscriptions/log-groups.ts";
import { type Job, type Position, reasonOf, sweep, visit } from "../subscriptions/sweep.ts";
import { counted, type Tally, tallyText } from "../subscriptions/tally.ts";
import { formerChoice, type SubscribeSettings } from "./subscribe-settings.ts";

/** What the function needs of the world. */
export interface SubscriberWorld {
  api: LogGroupsApi;
  /** Invokes the function itself, asynchronously. */
  goOn(event: Continuation): Promise<void>;
  /** Puts a body to a signed URL. */
  answer(url: string, body: string): Promise<void>;
  write(line: string): void;
  nowUnixMs(): number;
}

/** Work that an invocation had no time for. */
export interface Continuation {
  continued: {
    kind: "subscribe" | "remove";
    /** Of the custom resource before the update. */
    former?: Readonly<Record<string, unknown>> | undefined;
    position: Position;
    tally: Tally;
    startedUnixMs: number;
    /** Who waits for the end. */
    request?: Answerable | undefined;
  };
}

/** CloudFormation waits an hour for a custom resource; the rest is done without it. */
const MAX_WAITED_MS = 45 * 60_000;

/** @returns the handler of the function */
export function createSubscriber(settings: SubscribeSettings, world: SubscriberWorld) {
  const log = createLog("INFO", world.write);

  return async (event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<object> => {
    const patience: Patience = {
      msLeft: () => context.getRemainingTimeInMillis(),
      sleep: async (ms) => void (await sleep(ms)),
      random: Math.random,
    };
    const logGroup = createdLogGroup(event);
    if (logGroup !== undefined) return one(logGroup, patience);
    const work = workFrom(event, world.nowUnixMs());
    if (!work) {
      throw new Error(
        'the event is none that this function takes: {"subscribe": true} and {"remove": true} are for a person',
      );
    }
    try {
      return await go(work, patience);
    } catch (error) {
      if (!work.request) throw error;
      log("ERROR", "subscribing failed", { reason: reasonOf(error) });
      await answer(work.request, { status: "FAILED", reason: reasonOf(error), attributes: {} });
      return { failed: reasonOf(error) };
    }
  };

  async function go(work: Continuation["continued"], patience: Patience): Promise<object> {
    const job = jobFor(work);
    let { tally } = work;
    const found = (finding: Finding): void => {
      tally = counted(tally, finding);
      report(log, finding, job.isDryRun);
    };
    const onlooker = { found, progress: () => undefined };
    const position = await sweep(job, world.api, patience, onlooker, work.position);
    if (!position) return end(work, tally, job.isDryRun);
    const { request } = work;
    const isLate = request !== undefined && world.nowUnixMs() - work.startedUnixMs > MAX_WAITED_MS;
    await world.goOn({ continued: { ...work, position, tally, request: isLate ? undefined : request } });
    log("INFO", "subscribing goes on in a further invocation", { tally, after: position.after });
    if (isLate) {
      const Summary = `${tallyText(tally)}; going on`;
      await answer(request, { status: "SUCCESS", reason: Summary, attributes: { Summary } });
    }
    return { tally, goesOn: true };
  }

  async function end({ kind, request }: Continuation["continued"], tally: Tally, isDryRun: boolean): Promise<object> {
    const summary = `${isDryRun ? "dry run, nothing was changed: " : ""}${tallyText(tally)}`;
    log(tally.failed ? "ERROR" : "INFO", "subscribing is done", {
      ...{ kind, dryRun: isDryRun, tally },
      ...failedMetric(tally.failed ?? 0, settings.functionName, world.nowUnixMs()),
    });
    if (request) {
      // A filter that stays would lead to a function that is there no more.
      const isStuck = kind === "remove" && (tally.failed ?? 0) > 0;
      const reason = isStuck
        ? `${tally.failed} log groups keep their filter ${filterNameOf(settings.forwarder)}; the log of ${settings.functionName} names them and says why. Remove again`
        : summary;
      await answer(request, { status: isStuck ? "FAILED" : "SUCCESS", reason, attributes: { Summary: summary } });
    }
    return { tally };
  }

  async function one(name: string, patience: Patience): Promise<object> {
    const api = patient(world.api, patience);
    const { logGroups } = await api.page(name, "");
    const logGroup = logGroups.find((candidate) => candidate.name === name);
    const finding = logGroup && (await visit(logGroup, jobFor({ kind: "subscribe" }), api));
    if (finding) report(log, finding, settings.isDryRun);
    // Lambda tries again.
    if (finding?.status === "failed") throw new Error(`cannot subscribe ${name}: ${finding.why}`);
    return finding ?? { logGroup: name, status: "not chosen" };
  }

  function jobFor({ kind, former }: Pick<Continuation["continued"], "kind" | "former">): Job {
    return {
      ...settings,
      choice: kind === "remove" ? undefined : settings.choice(),
      // What an earlier deployment made goes, also when this one only says what it would do.
      isDryRun: settings.isDryRun && kind !== "remove",
      former: formerChoice(former),
    };
  }

  async function answer(request: Answerable, given: CustomResourceAnswer): Promise<void> {
    await world.answer(request.ResponseURL, answerBody(request, given));
  }

  function workFrom(event: unknown, startedUnixMs: number): Continuation["continued"] | undefined {
    const start = { position: { prefixAt: 0, token: "", after: "" }, tally: {}, startedUnixMs };
    if (isCustomResourceRequest(event)) return { ...start, ...askedBy(event) };
    const { continued, subscribe, remove } = (event ?? {}) as Partial<Continuation> & Record<string, unknown>;
    if (continued) return continued;
    if (subscribe === true) return { ...start, kind: "subscribe" };
    return remove === true ? { ...start, kind: "remove" } : undefined;
  }

  function askedBy(request: CustomResourceRequest): Pick<Continuation["continued"], "kind" | "former" | "request"> {
    const { ResponseURL, StackId, RequestId, LogicalResourceId, RequestType, OldResourceProperties } = request;
    // The same for every request: CloudFormation deletes a resource whose id changes in an update.
    const physicalResourceId = request.PhysicalResourceId ?? filterNameOf(settings.forwarder);
    return {
      kind: RequestType === "Delete" ? "remove" : "subscribe",
      former: RequestType === "Update" ? OldResourceProperties : undefined,
      request: { ResponseURL, StackId, RequestId, LogicalResourceId, physicalResourceId },
    };
  }
}

/** What stays as it is says nothing. */
function report(log: Log, { logGroup, status, why }: Finding, isDryRun: boolean): void {
  if (status === "already" && why === "") return;
  const facts = { logGroup, status, ...(why && { why }), ...(isDryRun && { dryRun: true }) };
  log(status === "failed" ? "ERROR" : status === "left" ? "WARN" : "INFO", "log group", facts);
}
