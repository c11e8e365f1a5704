import { awsClients } from "../../../src/cli/live/aws-clients.ts";
import { type Following, TIMING, type Timing } from "../../../src/cli/live/follow.ts";
import type { LogGroup } from "../../../src/cli/live/log-group.ts";
import { SeenEvents } from "../../../src/cli/live/seen-events.ts";
import { type Emulator, startEmulator } from "../../emulator/emulator.ts";

/** An emulator with log groups, and what following them gives. AWS's variables name it until `stop`. */
export async function aFollowing(timing: Partial<Timing> = {}) {
  const emulator = await startEmulator();
  const before = { ...process.env };
  Object.assign(process.env, emulator.environment);
  const messages: string[] = [];
  const said: string[] = [];
  const stopping = new AbortController();
  const world: Following = {
    clients: awsClients("", process.env),
    seen: new SeenEvents(),
    take: async (_group, { message }) => void messages.push(message),
    say: (text) => said.push(text),
    signal: stopping.signal,
    fromMs: 0,
    timing: { ...TIMING, retryMs: 10, gapReadsAfterMs: [0], pollMs: 20, ...timing },
  };
  return {
    ...{ emulator, world, messages, said },
    group: (name: string, isTailed = true): Promise<LogGroup> => aGroup(emulator, name, isTailed),
    write: (name: string, ...texts: string[]) => {
      for (const message of texts) emulator.logs.write(name, "stream", { timestamp: Date.now(), message });
    },
    stop: () => stopping.abort(),
    async end() {
      stopping.abort();
      await emulator.stop();
      process.env = before;
    },
  };
}

async function aGroup({ logs }: Emulator, name: string, isTailed: boolean): Promise<LogGroup> {
  const body = { logGroupName: name, ...(!isTailed && { logGroupClass: "INFREQUENT_ACCESS" }) };
  await logs.answer({
    ...{ service: "logs", accessKeyId: "AKIDTEST", method: "POST", path: "/", query: new URLSearchParams() },
    headers: { "x-amz-target": "Logs_20140328.CreateLogGroup" },
    body: Buffer.from(JSON.stringify(body)),
  });
  return { name, arn: `arn:aws:logs:eu-west-1:123456789012:log-group:${name}`, isTailed };
}

/** Ends when it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 400) throw new Error("it did not become so within four seconds");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
