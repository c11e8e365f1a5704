/** What happened in one sequence, as Lambda and the servers saw it. The verdict is made of this alone. */

export interface History {
  deliveries: Delivery[];
  invocations: Invocation[];
  acceptances: Acceptance[];
  /** Copies that were alone or with others in a body that a backend refused for its content: 400 or 413. */
  refused: Set<string>;
  /** How many calls met each kind of fault. */
  faultsMet: Record<string, number>;
  /** What must not be, seen while it happened: a body that cannot be read, a wrong path. */
  oddities: string[];
  /** A line for each step and each call, for whoever has to find out why. */
  trace: string[];
}

export function newHistory(): History {
  return {
    deliveries: [],
    invocations: [],
    acceptances: [],
    refused: new Set(),
    faultsMet: {},
    oddities: [],
    trace: [],
  };
}

/** An event that Lambda was given to hand to the function until it succeeds. */
export interface Delivery {
  /** Copies of the log events in it: one for each backend that is to get them (`item-ids.ts`). */
  ids: string[];
  attempts: number;
  state: "to be invoked" | "succeeded" | "on-failure queue";
}

export interface Invocation {
  /** Its position in the history. */
  number: number;
  /** What is delivered; undefined: a redrive. */
  delivery: Delivery | undefined;
  /** Which process ran it, counted from 1. */
  process: number;
  /** Undefined while it runs. */
  end: InvocationEnd | undefined;
  ledgers: PrintedLedger[];
  calls: number;
  /** How many of its calls met a fault. */
  faults: { intake: number; s3: number };
  /** Items in objects that S3 took of it and said so, by destination. */
  itemsStored: Record<string, number>;
  /** Calls that were not over when it ended. */
  callsLeftOpen: number;
  /** Whether the machine was so busy that the function or a server came too late. */
  isStarved: boolean;
}

/** @param number its position, from 1 @param delivery undefined: a redrive @param process its own, where nothing is said */
export function newInvocation(number: number, delivery: Delivery | undefined, process = number): Invocation {
  return {
    number,
    delivery,
    process,
    end: undefined,
    ledgers: [],
    calls: 0,
    faults: { intake: 0, s3: 0 },
    itemsStored: {},
    callsLeftOpen: 0,
    isStarved: false,
  };
}

export type InvocationEnd =
  /** @property msLeft what was left of its time */
  | { how: "returned"; msLeft: number }
  | { how: "threw"; msLeft: number; message: string }
  /** By the harness, at a step of its choice. */
  | { how: "killed" }
  /** Its time was over, and Lambda killed it. */
  | { how: "timed out" }
  /** The process ended itself. */
  | { how: "crashed"; message: string };

/** One item in one request that a backend took. */
export interface Acceptance {
  id: string;
  /** As the ledger names it. */
  destination: string;
  invocation: Invocation;
  /** `whole`: the function was told. Otherwise what became of the answer. */
  answer: string;
}

/** The parts of the function's ledger that the verdict reads. A number may be given by reason. */
export interface PrintedLedger {
  events: number;
  logs: number;
  traceLines: number;
  metricLines: number;
  skipped?: Record<string, number>;
  dropped?: Record<string, number>;
  returned?: Record<string, number>;
  destinations?: Record<string, PrintedBooks>;
  redrive?: PrintedBooks;
  unaccounted: number;
}

export interface PrintedBooks {
  offered: number;
  delivered: number;
  stored?: number | Record<string, number>;
  failed?: number | Record<string, number>;
  skipped?: Record<string, number>;
  possiblyDuplicated?: number;
}
