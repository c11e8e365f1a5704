export type LogLevel = "DEBUG" | "INFO" | "WARN" | "ERROR";

const ORDER: readonly LogLevel[] = ["DEBUG", "INFO", "WARN", "ERROR"];

/**
 * The forwarder's own log: one JSON line each. WARN: nothing is lost; ERROR: something is, or a person must act. It
 * never holds what is forwarded: that may be secret, and a forwarder whose log is forwarded would feed itself.
 */
export type Log = (level: LogLevel, message: string, facts?: Record<string, unknown>) => void;

/** @param write takes one line, with its newline */
export function createLog(threshold: LogLevel, write: (line: string) => void): Log {
  return (level, message, facts) => {
    if (ORDER.indexOf(level) >= ORDER.indexOf(threshold)) write(`${JSON.stringify({ level, message, ...facts })}\n`);
  };
}
