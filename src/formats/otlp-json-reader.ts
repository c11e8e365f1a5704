import { parseExactly } from "./exact-json.ts";
import { isJsonObject } from "./json-object.ts";
import { unlessMalformed } from "./malformed.ts";
import { messageIn } from "./message.ts";
import { readOtlpJson } from "./otlp-json-request.ts";
import type { TraceReader } from "./trace-format.ts";

export const reader: TraceReader = {
  read(event, slice) {
    const line = parseExactly(messageIn(event, slice));
    return isJsonObject(line) ? unlessMalformed(() => readOtlpJson(line)) : undefined;
  },
};
