import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { type Emulator, startEmulator } from "../emulator/emulator.ts";
import type { Properties } from "../emulator/service.ts";
import { anIntake, type TestIntake } from "./intake.ts";

export interface Deployment {
  emulator: Emulator;
  intake: TestIntake;
  logs: CloudWatchLogsClient;
  /** Runs the real command; parameters by name, "" for none. @throws with what it printed, when it fails */
  serverless(command: string[], parameters?: Record<string, string>): Promise<string>;
  /** What it prints when it must fail. */
  fails(command: string[], parameters?: Record<string, string>): Promise<string>;
  /** What `package` or `deploy` has made. */
  template(): { Resources: Properties };
  stop(): Promise<void>;
}

/** A copy of what the serverless command reads, an emulated AWS with an API key in it, and an intake. */
export async function aDeployment(): Promise<Deployment> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const directory = mkdtempSync(path.join(os.tmpdir(), "service-"));
  for (const name of ["serverless.yml", "serverless", "package.json", "dist"]) {
    cpSync(name, path.join(directory, name), { recursive: true });
  }
  const [emulator, intake] = await Promise.all([startEmulator(), anIntake()]);
  const client = {
    endpoint: emulator.endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIDTEST", secretAccessKey: "test" },
  };
  const { ARN = "" } = await new SecretsManagerClient(client).send(
    new CreateSecretCommand({ Name: "datadog", SecretString: "0123456789abcdef0123456789abcdef" }),
  );
  const usual = {
    DdApiKeySecretArn: ARN,
    DdUrl: "127.0.0.1",
    DdPort: String(intake.port),
    DdNoSsl: "true",
    DdTraceIntakeUrl: intake.url,
    DdApiUrl: intake.url,
    DdFetchLambdaTags: "false",
    Alarms: "false",
  };
  return {
    emulator,
    intake,
    logs: new CloudWatchLogsClient(client),
    async serverless(command, parameters) {
      const { exitCode, output } = await run(command, parameters);
      if (exitCode !== 0) throw new Error(`serverless ${command.join(" ")} failed:\n${output}`);
      return output;
    },
    async fails(command, parameters) {
      const { exitCode, output } = await run(command, parameters);
      if (exitCode === 0) throw new Error(`serverless ${command.join(" ")} did not fail:\n${output}`);
      return output;
    },
    template: () =>
      JSON.parse(readFileSync(path.join(directory, ".serverless/cloudformation-template-update-stack.json"), "utf8")),
    async stop() {
      await Promise.all([emulator.stop(), intake.stop()]);
      rmSync(directory, { recursive: true, force: true });
    },
  };

  async function run(command: string[], parameters?: Record<string, string>) {
    const program = path.resolve("node_modules/serverless/bin/serverless.js");
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: directory,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      SLS_AWS_MONITORING_FREQUENCY: "100",
      ...emulator.environment,
    };
    const given = parameters ? Object.entries({ ...usual, ...parameters }) : [];
    const args = [program, ...command];
    for (const [name, value] of given) if (value !== "") args.push("--param", `${name}=${value}`);
    return new Promise<{ exitCode: number; output: string }>((resolve) => {
      execFile(process.execPath, args, { cwd: directory, env, timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ exitCode: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
      );
    });
  }
}
