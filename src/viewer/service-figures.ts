/** The figures of services, their resources and the calls between them, kept up to date trace by trace. */
import { Figures, type Request } from "./figures.ts";
import type { ReceivedSpan } from "./received.ts";
import type { PeerKind } from "./span-facts.ts";
import { durationMsOf, startMsOf } from "./span-time.ts";
import type { Call, TraceShape } from "./trace-shape.ts";

export interface ServiceEntry {
  name: string;
  figures: Figures;
  /** By name. */
  resources: Map<string, Figures>;
}

export interface CallEntry {
  from: string;
  to: string;
  /** What its spans take the called one for, and how many do. */
  toKinds: Map<PeerKind, number>;
  figures: Figures;
}

export class ServiceFigures {
  readonly services = new Map<string, ServiceEntry>();
  readonly calls = new Map<string, CallEntry>();

  add({ entries, calls }: TraceShape): void {
    for (const span of entries) {
      const service = this.services.get(span.service) ?? newService(span.service);
      this.services.set(span.service, service);
      const resource = service.resources.get(span.resource) ?? new Figures();
      service.resources.set(span.resource, resource);
      const request = requestOf(span);
      service.figures.add(request);
      resource.add(request);
    }
    for (const call of calls) {
      const { from, to, toKind, span } = call;
      const entry = this.calls.get(keyOf(call)) ?? { from, to, toKinds: new Map(), figures: new Figures() };
      this.calls.set(keyOf(call), entry);
      count(entry.toKinds, toKind, 1);
      entry.figures.add(requestOf(span));
    }
  }

  /** @param shape one that was added */
  remove({ entries, calls }: TraceShape): void {
    for (const span of entries) {
      const service = this.services.get(span.service);
      const resource = service?.resources.get(span.resource);
      if (!service || !resource) continue;
      const request = requestOf(span);
      service.figures.remove(request);
      resource.remove(request);
      if (resource.requests === 0) service.resources.delete(span.resource);
      if (service.figures.requests === 0) this.services.delete(span.service);
    }
    for (const call of calls) {
      const entry = this.calls.get(keyOf(call));
      if (entry) count(entry.toKinds, call.toKind, -1);
      entry?.figures.remove(requestOf(call.span));
      if (entry?.figures.requests === 0) this.calls.delete(keyOf(call));
    }
  }
}

export function requestOf(span: ReceivedSpan): Request {
  return { startMs: startMsOf(span), durationMs: durationMsOf(span), isError: span.error !== null };
}

function keyOf({ from, to }: Call): string {
  return `${from}\n${to}`;
}

function count(kinds: Map<PeerKind, number>, kind: PeerKind, more: number): void {
  const now = (kinds.get(kind) ?? 0) + more;
  if (now > 0) kinds.set(kind, now);
  else kinds.delete(kind);
}

function newService(name: string): ServiceEntry {
  return { name, figures: new Figures(), resources: new Map() };
}
