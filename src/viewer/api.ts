/** The JSON API: what is asked for, and what of the store answers it. docs/api.md tells it to people. */
import { type Answer, json, refused } from "./answer.ts";
import type {
  ApiFunctions,
  ApiLedger,
  ApiLogs,
  ApiMapNode,
  ApiMetrics,
  ApiNodeKind,
  ApiResources,
  ApiServiceMap,
  ApiServices,
  ApiTraces,
} from "./api-types.ts";
import { viewOfFigures, viewOfFunction, viewOfLog, viewOfSummary, viewOfTrace } from "./api-views.ts";
import { STEP_MS, STEPS, stepOf } from "./figures.ts";
import { newestOf, type Place, parsePlace } from "./newest.ts";
import { matches, parseQuery, type Query, QueryError, traceIdsOf } from "./query.ts";
import type { ReceivedSpan } from "./received.ts";
import { searchableLog, searchableSpan } from "./searchable.ts";
import type { CallEntry, ServiceEntry } from "./service-figures.ts";
import { durationMsOf } from "./span-time.ts";
import type { HeldLog, HeldTrace, Store } from "./store.ts";
import { comesFirst } from "./trace-shape.ts";

/** A question that cannot be answered as it stands. */
class BadRequest extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly position?: number,
  ) {
    super(message);
  }
}

type Parameters = Readonly<Record<string, string | undefined>>;
type Question = { names: readonly string[]; answer: (given: Parameters, store: Store) => unknown };

const QUESTIONS: ReadonlyMap<string, Question> = new Map<string, Question>([
  ["/api/services", { names: [], answer: servicesOf }],
  ["/api/service-map", { names: [], answer: serviceMapOf }],
  ["/api/resources", { names: ["service", "resource"], answer: resourcesOf }],
  [
    "/api/traces",
    {
      names: ["service", "resource", "status", "query", "minDurationMs", "maxDurationMs", "limit", "before"],
      answer: tracesOf,
    },
  ],
  ["/api/logs", { names: ["query", "limit", "before"], answer: logsOf }],
  ["/api/functions", { names: [], answer: functionsOf }],
  ["/api/ledger", { names: ["limit"], answer: ledgerOf }],
  ["/api/metrics", { names: ["name"], answer: metricsOf }],
]);

export const API_PATHS: readonly string[] = [...QUESTIONS.keys()];

/** Undefined where the path is none of its own. */
export function answerOf(url: URL, store: Store): Answer | undefined {
  return answering(() => {
    const question = QUESTIONS.get(url.pathname);
    if (question) {
      const given = parametersOf(url, question.names);
      return json(200, question.answer(given, store));
    }
    const id = /^\/api\/traces\/([^/]+)$/.exec(url.pathname)?.[1];
    if (id === undefined) return undefined;
    parametersOf(url, []);
    return json(200, viewOfTrace(traceWith(id, store)));
  });
}

/** The answer, or the refusal that a question led to. */
export function answering<Given>(answer: () => Given): Given | Answer {
  try {
    return answer();
  } catch (error) {
    if (error instanceof BadRequest) {
      return refused(error.status, error.message, error.position === undefined ? {} : { position: error.position });
    }
    throw error;
  }
}

/** The parameters of an address, by name. An empty one counts as not given. */
export function parametersOf(url: URL, names: readonly string[]): Parameters {
  const given = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (!names.includes(name)) {
      const known = names.length > 0 ? `there are ${names.join(", ")}` : "this path has none";
      throw new BadRequest(400, `no parameter has the name ${JSON.stringify(name.slice(0, 100))}: ${known}`);
    }
    if (given.has(name)) throw new BadRequest(400, `${name} is given twice`);
    if (value !== "") given.set(name, value);
  }
  return Object.fromEntries(given);
}

export function queryOf(text: string | undefined): Query {
  try {
    return parseQuery(text ?? "");
  } catch (error) {
    if (error instanceof QueryError) throw new BadRequest(400, `query: ${error.message}`, error.position);
    throw error;
  }
}

export function traceWith(text: string, store: Store): HeldTrace {
  const ids = traceIdsOf(text);
  if (ids.length === 0) throw new BadRequest(400, "a trace id is decimal, or 16 or 32 hex digits");
  const trace = ids.map((id) => store.trace(id)).find((found) => found !== undefined);
  if (!trace) throw new BadRequest(404, "no such trace: it may have been evicted, or has not arrived");
  return trace;
}

/** A trace matches when one of its spans does, or one of its logs. */
export function isTraceLike(query: Query, { spans, logs }: HeldTrace): boolean {
  if (query.is === "all") return true;
  return (
    spans.some((span) => matches(query, searchableSpan(span))) ||
    logs.some(({ log }) => matches(query, searchableLog(log)))
  );
}

/** The steps of all series: up to now, or to the newest that is held where all of it is older. */
function windowOf(entries: Iterable<ServiceEntry | CallEntry>): { last: number; steps: number } {
  const now = stepOf(Date.now());
  let first = now;
  let last = Number.NEGATIVE_INFINITY;
  for (const { figures } of entries) {
    const range = figures.range();
    if (!range) continue;
    first = Math.min(first, range.first);
    last = Math.max(last, range.last);
  }
  last = Math.min(now, last);
  if (!Number.isFinite(last)) return { last: now, steps: 1 };
  return { last, steps: Math.max(1, Math.min(STEPS, last - first + 1)) };
}

function servicesOf(_: Parameters, store: Store): ApiServices {
  const { services } = store.figures();
  const { last, steps } = windowOf(services.values());
  return {
    stepMs: STEP_MS,
    services: byName([...services.values()]).map(({ name, figures, resources }) => ({
      name,
      ...viewOfFigures(figures, steps),
      resources: resources.size,
      series: figures.series(last),
    })),
  };
}

function resourcesOf({ service, resource }: Parameters, store: Store): ApiResources {
  if (service === undefined) throw new BadRequest(400, "service is missing: /api/resources?service=…");
  const { services } = store.figures();
  const entry = services.get(service);
  if (!entry) throw new BadRequest(404, "no such service is held");
  const { last, steps } = windowOf(services.values());
  const wanted = [...entry.resources].filter(([name]) => resource === undefined || name === resource);
  return {
    stepMs: STEP_MS,
    service,
    resources: byName(wanted.map(([name, figures]) => ({ name, figures }))).map(({ name, figures }) => ({
      name,
      ...viewOfFigures(figures, steps),
      series: figures.series(last),
      ...(resource !== undefined && { distribution: figures.latencies.distribution() }),
    })),
  };
}

function serviceMapOf(_: Parameters, store: Store): ApiServiceMap {
  const { services, calls } = store.figures();
  const { steps } = windowOf([...services.values(), ...calls.values()]);
  const nodes = new Map<string, ApiMapNode>();
  for (const { name, figures } of services.values()) {
    nodes.set(name, { name, kind: "service", figures: viewOfFigures(figures, steps) });
  }
  for (const { to, toKinds } of calls.values()) {
    const [toKind = "service"] = toKinds.has("service") ? [] : toKinds.keys();
    const known = nodes.get(to);
    if (!known) nodes.set(to, { name: to, kind: toKind, figures: null });
    // A tracer gives the spans of its database client a service of their own.
    else if (toKind !== "service" && !isAnswering(to, calls.values())) known.kind = toKind as ApiNodeKind;
  }
  const edges = [...calls.values()].map(({ from, to, figures }) => ({ from, to, ...viewOfFigures(figures, steps) }));
  return {
    nodes: byName([...nodes.values()]),
    edges: edges.sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to)),
  };
}

/** Whether a service is called as such by anybody. */
function isAnswering(name: string, calls: Iterable<CallEntry>): boolean {
  for (const { to, toKinds } of calls) if (to === name && toKinds.has("service")) return true;
  return false;
}

function tracesOf(given: Parameters, store: Store): ApiTraces {
  const query = queryOf(given.query);
  const { status } = given;
  if (status !== undefined && status !== "error" && status !== "ok") throw new BadRequest(400, "status is error or ok");
  const minMs = numberOf("minDurationMs", given) ?? 0;
  const maxMs = numberOf("maxDurationMs", given) ?? Number.POSITIVE_INFINITY;
  // So that each trace has a shape.
  store.figures();
  const wanted = new Map<HeldTrace, ReceivedSpan>();
  const { items, next } = newestOf(
    store.tracesNewestFirst(),
    ({ startTimeUnixNano, sequence }) => ({ timeUnixNano: startTimeUnixNano, sequence }),
    (trace) => {
      const span = toldOf(trace);
      if (!span || !isTraceLike(query, trace)) return false;
      wanted.set(trace, span);
      return true;
    },
    limitOf(given),
    placeOf(given),
  );
  return { traces: items.map((trace) => viewOfSummary(trace, wanted.get(trace) as ReceivedSpan)), next };

  /** The span that the list tells of; undefined where the trace is not asked for. */
  function toldOf({ spans, shape }: HeldTrace): ReceivedSpan | undefined {
    const { service, resource } = given;
    if (service === undefined && resource === undefined) {
      const root = shape?.root;
      if (!root || !isLong(root)) return undefined;
      return status === undefined || spans.some(({ error }) => error) === (status === "error") ? root : undefined;
    }
    let told: ReceivedSpan | undefined;
    for (const span of shape?.entries ?? []) {
      if (service !== undefined && span.service !== service) continue;
      if (resource !== undefined && span.resource !== resource) continue;
      if (status !== undefined && (span.error !== null) !== (status === "error")) continue;
      if (isLong(span) && (!told || comesFirst(span, told))) told = span;
    }
    return told;
  }

  function isLong(span: ReceivedSpan): boolean {
    const ms = durationMsOf(span);
    return ms >= minMs && ms <= maxMs;
  }
}

function logsOf(given: Parameters, store: Store): ApiLogs {
  const query = queryOf(given.query);
  const { items, next } = newestOf<HeldLog>(
    store.logsNewestFirst(),
    ({ log, sequence }) => ({ timeUnixNano: log.timeUnixNano, sequence }),
    ({ log }) => query.is === "all" || matches(query, searchableLog(log)),
    limitOf(given),
    placeOf(given),
  );
  return {
    logs: items.map(({ log, sequence, trace }) => viewOfLog({ ...log, traceId: trace?.traceId ?? null }, sequence)),
    next,
  };
}

function functionsOf(_: Parameters, store: Store): ApiFunctions {
  return { functions: store.functions().totals().map(viewOfFunction) };
}

function ledgerOf(given: Parameters, { ledgers }: Store): ApiLedger {
  return { count: ledgers.count, totals: ledgers.totals, last: ledgers.last(limitOf(given)) };
}

function metricsOf({ name }: Parameters, { metrics }: Store): ApiMetrics {
  const { points } = metrics;
  if (name === undefined) return { points, metrics: metrics.list() };
  const named = metrics.named(name);
  if (!named) throw new BadRequest(404, "no such metric has arrived");
  return { points, metrics: metrics.list().filter((metric) => metric.name === name), named };
}

const MAX_LIMIT = 1_000;

export function limitOf({ limit = "50" }: Parameters, name = "limit"): number {
  const number = /^\d{1,6}$/.test(limit) ? Number(limit) : 0;
  if (number < 1 || number > MAX_LIMIT) throw new BadRequest(400, `${name} is a number from 1 to ${MAX_LIMIT}`);
  return number;
}

function placeOf({ before }: Parameters): Place | undefined {
  if (before === undefined) return undefined;
  const place = parsePlace(before);
  if (!place) throw new BadRequest(400, "before is what an earlier answer had as next, or nanoseconds since 1970");
  return place;
}

function numberOf(name: string, { [name]: text }: Parameters): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) throw new BadRequest(400, `${name} is a number of milliseconds`);
  return Number(text);
}

function byName<Item extends { name: string }>(items: Item[]): Item[] {
  return items.sort((a, b) => compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
