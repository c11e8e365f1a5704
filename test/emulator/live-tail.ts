import { PassThrough } from "node:stream";
import { eventStreamMessage } from "./event-stream.ts";
import type { AwsAnswer } from "./service.ts";

export interface LiveTail {
  start(logGroupArns: string[]): AwsAnswer;
  update(
    logGroupArn: string,
    identifier: string,
    logStream: string,
    events: { timestamp: number; message: string }[],
  ): void;
  /** The log groups of each session that is open. */
  open(): string[][];
  /** How many were begun. */
  started(): number;
  /** From now on, updates say that they are a sample. */
  isSampled: boolean;
  /** Whether updates are kept from sessions, as if they had come while none was open. */
  isSilent: boolean;
  /** Ends all sessions as after three hours, or as when a connection breaks. */
  end(how: "timeout" | "drop" | "failure"): void;
}

/** Sessions of StartLiveTail. They get what is written from then on, without ids, as in AWS. */
export function liveTail(): LiveTail {
  const sessions = new Map<PassThrough, string[]>();
  let started = 0;

  const tail: LiveTail = {
    isSampled: false,
    isSilent: false,
    open: () => [...sessions.values()],
    started: () => started,

    start(logGroupArns) {
      const stream = new PassThrough();
      started++;
      sessions.set(stream, logGroupArns);
      const heartbeat = setInterval(() => stream.write(updateOf([])), 1_000);
      stream.once("close", () => {
        clearInterval(heartbeat);
        sessions.delete(stream);
      });
      stream.write(
        eventStreamMessage(
          { ":message-type": "event", ":event-type": "initial-response", ":content-type": type },
          "{}",
        ),
      );
      stream.write(event("sessionStart", { sessionId: String(started), logGroupIdentifiers: logGroupArns }));
      return { status: 200, headers: { "content-type": "application/vnd.amazon.eventstream" }, stream };
    },

    update(logGroupArn, logGroupIdentifier, logStreamName, events) {
      if (tail.isSilent) return;
      for (const [stream, arns] of sessions) {
        if (!arns.includes(logGroupArn)) continue;
        stream.write(
          updateOf(
            events.map(({ timestamp, message }) => ({
              logGroupIdentifier,
              logStreamName,
              timestamp,
              message,
              ingestionTime: timestamp,
            })),
          ),
        );
      }
    },

    end(how) {
      for (const stream of [...sessions.keys()]) {
        sessions.delete(stream);
        if (how === "drop") stream.destroy(new Error("dropped"));
        else stream.end(exception(how === "timeout" ? "SessionTimeoutException" : "SessionStreamingException"));
      }
    },
  };
  return tail;

  function updateOf(sessionResults: object[]): Buffer {
    return event("sessionUpdate", { sessionMetadata: { sampled: tail.isSampled }, sessionResults });
  }
}

const type = "application/json";

function event(name: string, payload: object): Buffer {
  return eventStreamMessage(
    { ":message-type": "event", ":event-type": name, ":content-type": type },
    JSON.stringify(payload),
  );
}

function exception(name: string): Buffer {
  return eventStreamMessage(
    { ":message-type": "exception", ":exception-type": name, ":content-type": type },
    JSON.stringify({ message: "The session ended." }),
  );
}
