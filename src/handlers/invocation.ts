/** What one invocation works with. */
import type { Context } from "aws-lambda";
import type { Config } from "../config.ts";
import type { Circuits } from "../delivery/courier.ts";
import type { RedriveStore } from "../delivery/failure-store.ts";
import type { Ledger } from "../delivery/ledger.ts";
import type { Refuge } from "../delivery/sender.ts";
import type { World } from "../delivery/world.ts";
import type { ApiKey } from "../io/api-key.ts";
import type { Log } from "../io/log.ts";
import type { Forwarder, Span } from "../telemetry.ts";

/** Kept back from Lambda's deadline to print the ledger and answer. */
const RESERVE_MS = 500;
/** Kept back to store what could not be sent; less where there is little time in all. */
const STORE_RESERVE_MS = 5_000;

export interface Invocation {
  config: Config;
  forwarder: Forwarder;
  world: World;
  /** Gives null where there is none. */
  openStore(): Promise<RedriveStore | null>;
  /** Null where what is not delivered is not stored. */
  refuge: Refuge | null;
  circuits: Circuits;
  /** What is changed in every span. */
  loadObfuscation(): Promise<(span: Span) => Span>;
  ledger: Ledger;
  log: Log;
}

interface Means extends Pick<World, "post" | "compress" | "cannotPost"> {
  apiKey: ApiKey;
  hasStore: boolean;
}

/** The world until Lambda's deadline, with the key in every request. */
export function worldOf(context: Context, { apiKey, post, compress, cannotPost, hasStore }: Means): World {
  const msLeft = context.getRemainingTimeInMillis?.() ?? 60_000;
  const storeDeadlineUnixMs = Date.now() + msLeft - RESERVE_MS;
  const sendDeadlineUnixMs = storeDeadlineUnixMs - (hasStore ? Math.min(STORE_RESERVE_MS, msLeft / 4) : 0);
  let renewal: Promise<boolean> | undefined;
  return {
    post: async (request) => post({ ...request, headers: { ...request.headers, "dd-api-key": await apiKey.get() } }),
    cannotPost,
    renewKey: () => {
      renewal ??= apiKey.renew();
      return renewal;
    },
    compress,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    msLeft: () => sendDeadlineUnixMs - Date.now(),
    storeDeadlineUnixMs,
    nowUnixMs: () => Date.now(),
    random: Math.random,
  };
}
