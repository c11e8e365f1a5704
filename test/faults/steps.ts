/** What a sequence is made of, how it is chosen at random, and how it is told. */
import fc from "fast-check";
import {
  INTAKE_FAULTS,
  type IntakeFaultName,
  type IntakePlace,
  S3_FAULTS,
  type S3FaultName,
  type S3Operation,
  type SwitchedOn,
} from "./faults.ts";
import type { Moment } from "./faulty-server.ts";
import type { Kill } from "./function-process.ts";
import type { Load } from "./traffic.ts";

/** Faults that are switched on before a step are on until they have met their calls, or a step switches all off. */
export type Step =
  /** @property again when Lambda invokes again after a failure: at once, or when a step says so */
  | { do: "deliver"; load: Load; faults: readonly SwitchedOn[]; kill: Kill | null; again: "at once" | "later" }
  /** The kill is for the redrive. */
  | { do: "deliver during a redrive"; load: Load; faults: readonly SwitchedOn[]; kill: Kill | null }
  | { do: "redrive"; faults: readonly SwitchedOn[]; kill: Kill | null }
  /** Both at once; the kill is for the first. */
  | { do: "redrive twice"; faults: readonly SwitchedOn[]; kill: Kill | null }
  /** A Datadog Forwarder that was here before leaves stored logs, or somebody an object that nobody can read. */
  | { do: "leave in the store"; what: "logs" | "nonsense" }
  | { do: "invoke again what failed" }
  | { do: "switch all faults off" }
  | { do: "wait"; minutes: number }
  | { do: "close idle connections" };

export interface Sequence {
  /** False: a function that is told to store nothing, and hands back what it cannot deliver. */
  hasStore: boolean;
  /** Whether the function sends to an OTLP backend beside Datadog. */
  hasOtlp?: boolean;
  steps: Step[];
}

const few = <Value extends string>(values: Record<Value, unknown>): fc.Arbitrary<Value> =>
  fc.constantFrom(...(Object.keys(values) as Value[]));

/** 0: until it is switched off. */
const calls = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 3, arbitrary: fc.constant(0) },
);

/**
 * Not all calls: of a fault that takes all the time there is, since two of them show what there is to see; and where a
 * body is refused, since it is cut in halves, down to each item of it.
 */
function limited<On extends SwitchedOn>(on: On): On {
  if (/hang|endless/.test(on.fault)) return { ...on, calls: 1 + (on.calls % 2) };
  return on.calls === 0 && /^HTTP (?:400|413)$/.test(on.fault) ? { ...on, calls: 12 } : on;
}

const after = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 }) },
);

const intakeFaultAt = (...places: IntakePlace[]): fc.Arbitrary<SwitchedOn> =>
  fc.record({ at: fc.constantFrom(...places), fault: few<IntakeFaultName>(INTAKE_FAULTS), after, calls }).map(limited);

const of = fc.constantFrom<(S3Operation | "every call")[]>("every call", "PUT", "PUT", "DELETE", "LIST", "GET", "COPY");
const s3Fault: fc.Arbitrary<SwitchedOn> = fc
  .record({ at: fc.constant("s3"), fault: few<S3FaultName>(S3_FAULTS), of, after, calls })
  .map(limited);

const load: fc.Arbitrary<Load> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      logs: fc.integer({ min: 0, max: 50 }),
      traceLines: fc.integer({ min: 1, max: 10 }),
      malformed: fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }) },
      ),
      padding: fc.constant(0),
    }),
  },
  // More than fits in one body of logs, or than one packet carries.
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { logs: 1_100, traceLines: 1, malformed: 0, padding: 0 },
      { logs: 4, traceLines: 0, malformed: 0, padding: 100_000 },
    ),
  },
);

const kill: fc.Arbitrary<Kill | null> = fc.option(
  fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        call: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 10 })),
        when: fc.constantFrom<Moment[]>("arrived", "processed", "answered"),
      }),
    },
    { weight: 1, arbitrary: fc.constant("at the end" as const) },
  ),
  { freq: 2 },
);

const again = fc.constantFrom("at once", "later");

function aStep(intakeFault: fc.Arbitrary<SwitchedOn>): fc.Arbitrary<Step> {
  const faultsOfDelivery: fc.Arbitrary<SwitchedOn[]> = fc.oneof(
    { weight: 3, arbitrary: fc.tuple() },
    { weight: 4, arbitrary: fc.tuple(intakeFault) },
    { weight: 2, arbitrary: fc.tuple(intakeFault, intakeFault) },
    { weight: 3, arbitrary: fc.tuple(intakeFault, s3Fault) },
  );
  const faultsOfRedrive: fc.Arbitrary<SwitchedOn[]> = fc.oneof(
    { weight: 3, arbitrary: fc.tuple() },
    { weight: 2, arbitrary: fc.tuple(intakeFault) },
    { weight: 3, arbitrary: fc.tuple(s3Fault) },
  );
  const ofDelivery = { load, faults: faultsOfDelivery, kill };
  const ofRedrive = { faults: faultsOfRedrive, kill };
  return fc.oneof(
    { weight: 9, arbitrary: fc.record({ do: fc.constant("deliver"), ...ofDelivery, again }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("deliver during a redrive"), ...ofDelivery }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("redrive"), ...ofRedrive }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("redrive twice"), ...ofRedrive }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("leave in the store"), what: fc.constantFrom("logs", "nonsense") }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("invoke again what failed") }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("switch all faults off") }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("wait"), minutes: fc.constantFrom(1, 10, 1_440) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("close idle connections") }) },
  );
}

function aSequenceWith(hasOtlp: boolean, ...places: IntakePlace[]): fc.Arbitrary<Sequence> {
  return fc.record({
    // Without one there is less that can go wrong by itself; of two backends each is to have its own end then, too.
    hasStore: fc.integer({ min: 0, max: hasOtlp ? 3 : 7 }).map((number) => number > 0),
    hasOtlp: fc.constant(hasOtlp),
    steps: fc.array(aStep(intakeFaultAt(...places)), { minLength: 3, maxLength: 10, size: "max" }),
  });
}

export const aSequence: fc.Arbitrary<Sequence> = fc.oneof(
  aSequenceWith(false, "logs", "logs", "traces"),
  aSequenceWith(true, "logs", "logs", "traces", "otlp-logs", "otlp-logs", "otlp-traces"),
);

/** A step for a person. */
export function told(step: Step): string {
  switch (step.do) {
    case "deliver":
      return `deliver ${toldLoad(step.load)}${toldTrouble(step)}, after a failure again ${step.again}`;
    case "deliver during a redrive":
      return `deliver ${toldLoad(step.load)} during a redrive${toldTrouble(step)}`;
    case "redrive":
    case "redrive twice":
      return `${step.do}${step.do === "redrive twice" ? " at once" : ""}${toldTrouble(step)}`;
    case "leave in the store":
      return `${step.what} ${step.what === "logs" ? "of a Datadog Forwarder are" : "is"} left in the store`;
    case "wait":
      return `wait ${step.minutes} minutes`;
    default:
      return step.do;
  }
}

function toldLoad({ logs, traceLines, malformed, padding }: Load): string {
  const odd = malformed > 0 ? `, ${malformed} malformed` : "";
  return `${logs} logs${padding > 0 ? ` of ${padding} characters` : ""} and ${traceLines} trace lines${odd}`;
}

function toldTrouble({ faults, kill }: { faults: readonly SwitchedOn[]; kill: Kill | null }): string {
  return [...faults.map(toldFault), ...(kill ? [toldKill(kill)] : [])].map((trouble) => `, ${trouble}`).join("");
}

function toldFault(on: SwitchedOn): string {
  const where = on.at === "s3" ? `S3 (${on.of})` : `the intake of ${on.at.replace("otlp-", "OTLP ")}`;
  const since = on.after === 0 ? "" : ` after ${on.after} calls`;
  return `${where} has "${on.fault}"${since} ${on.calls === 0 ? "from then on" : `for ${on.calls} calls`}`;
}

function toldKill(kill: Kill): string {
  return kill === "at the end" ? "killed at the end" : `killed when call ${kill.call} is ${kill.when}`;
}
