/** The fields of a span in a Datadog trace payload line, recognized where they stand. */
import type { Slice } from "../telemetry.ts";
import { word } from "./escaped-json.ts";

/** The fields of a span, a bit each. */
export const TRACE_ID = 1;
export const SPAN_ID = 2;
export const PARENT_ID = 4;
export const NAME = 8;
export const RESOURCE = 16;
export const SERVICE = 32;
export const TYPE = 64;
export const ERROR = 128;
export const META = 256;
export const METRICS = 512;
export const START = 1024;
export const DURATION = 2048;
/** Those that are read only where there is nothing in them. */
export const META_STRUCT = 4096;
export const SPAN_LINKS = 8192;
export const SPAN_EVENTS = 16384;

const LOWER_N = 0x6e;
/** First or last four bytes of their names, which together are all of most. */
const [TRAC, E_ID, SPAN, N_ID, PARE, T_ID] = ["trac", "e_id", "span", "n_id", "pare", "t_id"].map(word);
const [NAME_, TYPE_, META_, ERRO, RROR] = ["name", "type", "meta", "erro", "rror"].map(word);
const [SERV, VICE, METR, RICS, RESO, URCE] = ["serv", "vice", "metr", "rics", "reso", "urce"].map(word);
const [STAR, TART, DURA, TION] = ["star", "tart", "dura", "tion"].map(word);

/** The bit of the field whose name stands from `key` to `keyEnd`; 0 for any other name. */
export function fieldAt({ text }: Slice, view: DataView, key: number, keyEnd: number): number {
  const first = view.getInt32(key, true);
  const last = view.getInt32(keyEnd - 4, true);
  switch (keyEnd - key) {
    case 4:
      return first === NAME_ ? NAME : first === TYPE_ ? TYPE : first === META_ ? META : 0;
    case 5:
      return first === ERRO && last === RROR ? ERROR : first === STAR && last === TART ? START : 0;
    case 7:
      if (first === SPAN) return last === N_ID ? SPAN_ID : 0;
      return first === SERV && last === VICE ? SERVICE : first === METR && last === RICS ? METRICS : 0;
    case 8:
      if (first === TRAC) return last === E_ID ? TRACE_ID : 0;
      return first === RESO && last === URCE ? RESOURCE : first === DURA && last === TION ? DURATION : 0;
    case 9:
      return first === PARE && last === T_ID && view.getUint8(key + 4) === LOWER_N ? PARENT_ID : 0;
    case 10:
      return text.startsWith("span_links", key) ? SPAN_LINKS : 0;
    case 11:
      if (text.startsWith("span_events", key)) return SPAN_EVENTS;
      return text.startsWith("meta_struct", key) ? META_STRUCT : 0;
    default:
      return 0;
  }
}
