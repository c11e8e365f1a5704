// The process of the function under test, as Lambda's runtime would run it: loads the built module, then runs its handler
// for each message. What the function prints goes over the same channel as its answer, so that it comes before it.
//
//   in   { event, context, msLeft, clockAheadMs }   "how are you"
//   out  { kind: "loaded" }   { kind: "line", text }   { kind: "returned", msLeft, stalledMs }
//        { kind: "threw", msLeft, stalledMs, message }   { kind: "alive", stalledMs }

const TICK_MS = 20;
/** A timer is never exact. */
const USUAL_MS = 10;

let stalledMs = 0;
let lastTickMs = performance.now();
let clockAheadMs = 0;
const RealDate = Date;

/** A clock that can be put forward, so that what lasts minutes need not take minutes. */
globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + clockAheadMs);
    else super(...given);
  }

  static now() {
    return RealDate.now() + clockAheadMs;
  }
};

process.stdout.write = (chunk, encoding, done) => {
  process.send({ kind: "line", text: String(chunk).trimEnd() });
  const callback = typeof encoding === "function" ? encoding : done;
  if (callback) process.nextTick(callback);
  return true;
};
process.on("disconnect", () => process.exit());

const { handler } = await import(process.argv[2]);

process.on("message", async (message) => {
  if (message === "how are you") return process.send({ kind: "alive", stalledMs });
  const { event, context, msLeft, clockAheadMs: ahead } = message;
  clockAheadMs = ahead;
  stalledMs = 0;
  lastTickMs = performance.now();
  const deadlineMs = performance.now() + msLeft;
  const getRemainingTimeInMillis = () => Math.round(deadlineMs - performance.now());
  const ended = (kind, message) => process.send({ kind, msLeft: getRemainingTimeInMillis(), stalledMs, message });
  try {
    await handler(event, { ...context, getRemainingTimeInMillis });
    ended("returned");
  } catch (error) {
    ended("threw", String(error?.message ?? error));
  }
});

// What comes later than it should tells of a machine that is too busy to keep times on.
setInterval(() => {
  const ms = performance.now() - lastTickMs - TICK_MS;
  lastTickMs += ms + TICK_MS;
  if (ms > USUAL_MS) stalledMs += ms;
}, TICK_MS);

process.send({ kind: "loaded" });
