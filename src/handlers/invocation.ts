/** What one invocation works with. */
import type { Context } from "aws-lambda";
import type { Config } from "../config.ts";
import type { Circuits } from "../delivery/courier.ts";
import type { RedriveStore } from "../delivery/failure-store.ts";
import type { Ledger } from "../delivery/ledger.ts";
import type { Refuge } from "../delivery/sender.ts";
import type { Clock, World } from "../delivery/world.ts";
import type { Log } from "../io/log.ts";
import type { Reach } from "../pipeline.ts";
import type { Forwarder, Span } from "../telemetry.ts";

/** Kept back from Lambda's deadline to print the ledger and answer. */
const RESERVE_MS = 500;
/** Kept back to store what could not be sent; less where there is little time in all. */
const STORE_RESERVE_MS = 5_000;

export interface Invocation {
  config: Config;
  forwarder: Forwarder;
  worlds: Worlds;
  /** Gives null where there is none. */
  openStore(): Promise<RedriveStore | null>;
  /** Null where what is not delivered is not stored. */
  refuge: Refuge | null;
  circuits: Circuits;
  /** What is changed in every span. */
  loadObfuscation(): Promise<(span: Span) => Span>;
  ledger: Ledger;
  log: Log;
  /** Of the few sources that need more than the event; undefined until one does. */
  reach?: HandlerReach;
}

/** How the intakes of one backend are reached. */
export interface Access {
  /** What lets requests in, as headers. Read once and kept; a read that failed is tried again. @throws {Error} with the remedy */
  credentials(): Promise<Readonly<Record<string, string>>>;
  /** Reads them again; whether there are others now. */
  renew(): Promise<boolean>;
  post: World["post"];
  /** Absent: as for Datadog. */
  compress?: World["compress"];
}

export interface HandlerReach extends Reach {
  /**
   * Notes the objects that are read only in part, so that another invocation goes on with them.
   *
   * @param failure of the invocation so far: it is thrown, and nothing is noted, as all is to be read again
   * @throws {Error} also when they cannot be noted
   */
  end(failure: Error | undefined): Promise<void>;
}

/** Forwards an event within an invocation. */
export type Forward = (event: unknown, invocation: Invocation) => Promise<unknown>;

/** The world as the destinations of each backend see it. */
export interface Worlds {
  clock: Clock;
  /** Why requests can be made to none of them; "" = they can, at least to one. */
  cannotPost: string;
  worldOf(destination: { backend: string }): World;
}

/**
 * The worlds until Lambda's deadline.
 *
 * @param accesses by backend, at least one
 * @param hasStore whether what cannot be sent is stored, which takes time
 * @param report told what is wrong with the credentials of a backend
 */
export async function openWorlds(
  context: Context,
  accesses: ReadonlyMap<string, Access>,
  compress: World["compress"],
  hasStore: boolean,
  report: (problem: string) => void,
): Promise<Worlds> {
  const clock = clockOf(context, hasStore);
  const opened = [...accesses].map(async ([backend, access]) => [backend, await worldOf(access)] as const);
  const worlds = new Map(await Promise.all(opened));
  const problems = [...worlds.values()].map(({ cannotPost }) => cannotPost);
  for (const problem of problems) if (problem) report(problem);
  return {
    clock,
    cannotPost: problems.every(Boolean) ? problems.join("; ") : "",
    worldOf: ({ backend }) => worlds.get(backend) as World,
  };

  async function worldOf({ credentials, renew, post, compress: ownCompress = compress }: Access): Promise<World> {
    const cannotPost = await credentials().then(
      () => "",
      (error: Error) => error.message,
    );
    let renewal: Promise<boolean> | undefined;
    return {
      post: async (request) => post({ ...request, headers: { ...request.headers, ...(await credentials()) } }),
      cannotPost,
      renewCredentials: () => {
        renewal ??= renew();
        return renewal;
      },
      compress: ownCompress,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      random: Math.random,
      // Last: what is defined behind a spread costs a look-up each.
      ...clock,
    };
  }
}

function clockOf(context: Context, hasStore: boolean): Clock {
  const msLeft = context.getRemainingTimeInMillis?.() ?? 60_000;
  const storeDeadlineUnixMs = Date.now() + msLeft - RESERVE_MS;
  const sendDeadlineUnixMs = storeDeadlineUnixMs - (hasStore ? Math.min(STORE_RESERVE_MS, msLeft / 4) : 0);
  return { nowUnixMs: () => Date.now(), msLeft: () => sendDeadlineUnixMs - Date.now(), storeDeadlineUnixMs };
}
