import type { Trace } from "../telemetry.ts";

/** A way tracers write spans in a log line. */
export interface TraceFormat {
  name: string;
  /**
   * A cheap look that may be wrong only in saying yes.
   *
   * @param escaped the message as it stands in the JSON, without quotes, bytes as latin1 characters
   */
  mayBe(escaped: string): boolean;
  /** The traces a decoded message holds, at least one; undefined when it is no payload line of this format. */
  read(message: string): Trace[] | undefined;
}
