/** What spans and log records of OpenTelemetry's protobuf have in common. All of it throws `MalformedError`. */
import type { AnyValue, Attributes, InstrumentationScope } from "../telemetry.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";

/** Attributes while they are read. */
export type Entries = [key: string, value: AnyValue][];

/** `KeyValue`: one more entry. */
export function readEntry(from: ProtobufReader, entries: Entries): void {
  let key = "";
  let value: AnyValue = null;
  from.message((field) => {
    if (field === 1) key = from.string();
    else if (field === 2) value = readAnyValue(from);
  });
  entries.push([key, value]);
}

/** Of a key that comes twice the last counts. */
export function attributesOf(entries: Entries): Attributes {
  return Object.fromEntries(entries);
}

export function readAnyValue(from: ProtobufReader): AnyValue {
  let value: AnyValue = null;
  from.message((field) => {
    if (field === 1) value = from.string();
    else if (field === 2) value = from.bool();
    else if (field === 3) value = from.int64();
    else if (field === 4) value = from.double();
    else if (field === 5) value = readArray(from);
    else if (field === 6) value = readList(from);
    else if (field === 7) value = from.bytes();
  });
  return value;
}

function readArray(from: ProtobufReader): AnyValue[] {
  const values: AnyValue[] = [];
  from.message((field) => {
    if (field === 1) values.push(readAnyValue(from));
  });
  return values;
}

function readList(from: ProtobufReader): Attributes {
  const entries: Entries = [];
  from.message((field) => {
    if (field === 1) readEntry(from, entries);
  });
  return attributesOf(entries);
}

export function readResource(from: ProtobufReader): { attributes: Attributes; droppedAttributesCount: number } {
  const entries: Entries = [];
  let droppedAttributesCount = 0;
  from.message((field) => {
    if (field === 1) readEntry(from, entries);
    else if (field === 2) droppedAttributesCount = from.uint32();
  });
  return { attributes: attributesOf(entries), droppedAttributesCount };
}

export function noScope(): InstrumentationScope {
  return { name: "", version: "", attributes: {}, droppedAttributesCount: 0 };
}

export function readScope(from: ProtobufReader): InstrumentationScope {
  const scope = noScope();
  const entries: Entries = [];
  from.message((field) => {
    if (field === 1) scope.name = from.string();
    else if (field === 2) scope.version = from.string();
    else if (field === 3) readEntry(from, entries);
    else if (field === 4) scope.droppedAttributesCount = from.uint32();
  });
  return { ...scope, attributes: attributesOf(entries) };
}
