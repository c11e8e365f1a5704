/** What one invocation works with. */
import type { Context } from "aws-lambda";
import type { Config } from "../config.ts";
import type { Circuits } from "../delivery/courier.ts";
import type { RedriveStore } from "../delivery/failure-store.ts";
import type { Ledger } from "../delivery/ledger.ts";
import type { Refuge } from "../delivery/refuge.ts";
import type { Clock, World } from "../delivery/world.ts";
import type { Destination } from "../destinations/destination.ts";
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
  /** Of its identity. */
  freeDestinations: Destination[][];
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
  const opening: Promise<string>[] = [];
  for (const { credentials } of accesses.values()) opening.push(credentials().then(nothing, messageOf));
  const problems = await Promise.all(opening);
  const worlds = new Map<string, World>();
  for (const [backend, access] of accesses) {
    worlds.set(backend, worldOf(access, clock, access.compress ?? compress, problems[worlds.size] ?? ""));
  }
  for (const problem of problems) if (problem) report(problem);
  return {
    clock,
    cannotPost: problems.includes("") ? "" : problems.join("; "),
    worldOf: ({ backend }) => worlds.get(backend) as World,
  };
}

function worldOf(access: Access, clock: Clock, compress: World["compress"], cannotPost: string): World {
  let renewal: Promise<boolean> | undefined;
  return {
    // With the credentials of the moment.
    post: async (request) => {
      const headers = { ...request.headers, ...(await access.credentials()) };
      return access.post({ ...request, headers });
    },
    cannotPost,
    renewCredentials: () => {
      renewal ??= access.renew();
      return renewal;
    },
    compress,
    sleep,
    random: Math.random,
    // Last: what is defined behind a spread costs a look-up each.
    ...clock,
  };
}

function nothing(): string {
  return "";
}

function messageOf({ message }: Error): string {
  return message;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function clockOf(context: Context, hasStore: boolean): Clock {
  const msLeft = context.getRemainingTimeInMillis?.() ?? 60_000;
  const storeDeadlineUnixMs = Date.now() + msLeft - RESERVE_MS;
  const sendDeadlineUnixMs = storeDeadlineUnixMs - (hasStore ? Math.min(STORE_RESERVE_MS, msLeft / 4) : 0);
  return { nowUnixMs: () => Date.now(), msLeft: () => sendDeadlineUnixMs - Date.now(), storeDeadlineUnixMs };
}
