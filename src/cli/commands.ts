/** The registry of commands: one entry each. What is imported here becomes a file of its own in dist/cli. */
import type { CommandEntry } from "./command.ts";

export const commands: Readonly<Record<string, CommandEntry>> = {
  start: {
    summary: "two functions, the forwarder and an intake on this machine, and the trace that arrives",
    load: () => import("./start.ts"),
  },
  live: {
    summary: "follow log groups of CloudWatch, and show their traces with their logs as they come",
    load: () => import("./live.ts"),
  },
  migrate: {
    summary: "read a Datadog Forwarder's configuration, and write what makes this forwarder do the same",
    load: () => import("./migrate.ts"),
  },
  explain: {
    summary: "what becomes of each log event of a delivery, and why; nothing is sent",
    load: () => import("./explain.ts"),
  },
  subscribe: {
    summary: "subscribe log groups to a deployed forwarder, by name, pattern or tag; or take that away",
    load: () => import("./subscribe.ts"),
  },
};
