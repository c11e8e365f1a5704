import { randomUUID } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { unzipSync } from "fflate";
import { type LocalFunction, startLocalFunction } from "../../src/cli/local-function.ts";
import { type Iam, wildcard } from "./iam.ts";
import type { Logs, Subscribers } from "./logs.ts";
import { operationOf } from "./protocols.ts";
import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  NotEmulated,
  type Place,
  type Properties,
  type Service,
} from "./service.ts";

interface DeployedFunction {
  name: string;
  arn: string;
  properties: Properties;
  /** Of the stack that made it. */
  stackName: string;
  lastModified: Date;
  /** Where the zip is unpacked. */
  directory: string;
  permissions: Map<string, { principal: string; sourceArn?: string }>;
  /** What happens to an event that the function fails on, when the template says it. */
  onFailure?: { retryAttempts: number; queueArn: string | undefined } | undefined;
  /** Started by the first invocation. */
  running?: Promise<LocalFunction> | undefined;
  /** The lines of the last invocation. */
  lines: string[];
}

interface Surroundings {
  iam: Iam;
  readObject(bucket: string, key: string): Buffer;
  writeLog: Logs["write"];
  /** @throws {AwsError} when the queue does not take the message */
  sendMessage(queueArn: string, body: string): void;
  /** What a function needs to reach the emulator. */
  environment(accessKeyId: string): Record<string, string>;
  hostModule: string;
}

export interface Lambda extends Service, Subscribers {
  /** Ends when every asynchronous invocation has ended, retries included. */
  idle(): Promise<void>;
  /** Makes a function of a handler in the process of the test. @returns its ARN */
  serve(functionName: string, handler: (event: unknown) => Promise<unknown>): string;
  /** Once, and rejects with the function's error. @throws {AwsError} ResourceNotFoundException */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** @throws {AwsError} ResourceNotFoundException */
  arnOf(functionName: string): string;
  /** Puts the clock of a function's process forward, until its invocation ends. */
  letTimePass(functionName: string, ms: number): void;
  stop(): Promise<void>;
}

// Lambda waits one and two minutes.
const pausesBeforeRetry = [20, 40];

/** Functions that run their deployed zip in a process of their own. */
export function lambda({ region, accountId }: Place, surroundings: Surroundings): Lambda {
  const functions = new Map<string, DeployedFunction>();
  const asynchronous = new Set<Promise<void>>();

  return {
    contents: () => [...functions.keys()].map((name) => `function ${name}`),

    mayBeInvoked(functionArn, principal, sourceArn) {
      const permissions = [...functions.values()].find(({ arn }) => arn === functionArn)?.permissions.values() ?? [];
      return [...permissions].some(
        (permission) =>
          permission.principal === principal &&
          (!permission.sourceArn || wildcard(permission.sourceArn).test(sourceArn)),
      );
    },

    invokeAsync,

    async idle() {
      while (asynchronous.size > 0) await Promise.all(asynchronous);
    },

    serve(name, handler) {
      const logGroup = `/aws/lambda/${name}`;
      const served = { functionName: name, logGroup, logStream: newLogStream(), invoke: handler, stop: async () => {} };
      functions.set(name, {
        ...{ name, arn: arnOf(name), properties: {}, stackName: "", lastModified: new Date(), lines: [] },
        directory: mkdtempSync(path.join(os.tmpdir(), "emulated-function-")),
        permissions: new Map(),
        running: Promise.resolve(served),
      });
      return arnOf(name);
    },

    invoke: async (name, event) => invoke(find(name), event),
    arnOf: (name) => find(name).arn,

    letTimePass(functionName, ms) {
      const file = clockFile(find(functionName));
      // The process never reads the half of it.
      writeFileSync(`${file}.new`, String(ms));
      renameSync(`${file}.new`, file);
    },

    async stop() {
      await Promise.all([...functions.keys()].map(remove));
    },

    async answer(call) {
      try {
        return await answer(call);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const headers = { "content-type": "application/json", "x-amzn-errortype": error.code };
        return { status: error.status, headers, body: JSON.stringify({ Type: "User", Message: error.message }) };
      }
    },

    resourceTypes: {
      "AWS::Lambda::Function": {
        async create(properties, generatedName, stackName = "") {
          const name: string = properties.FunctionName ?? generatedName.slice(0, 64);
          if (functions.has(name)) {
            throw new AwsError("ResourceConflictException", `Function already exist: ${name}`, 409);
          }
          surroundings.iam.accessKeyOf(properties.Role);
          const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
          const directory = await unpack(properties);
          functions.set(name, {
            name,
            arn,
            properties,
            stackName,
            lastModified: new Date(),
            directory,
            permissions: new Map(),
            lines: [],
          });
          return { physicalId: name, attributes: { Arn: arn } };
        },
        async update(physicalId, properties) {
          const found = find(physicalId);
          const directory = await unpack(properties);
          await end(found);
          Object.assign(found, { properties, directory, lastModified: new Date() });
          return { physicalId, attributes: { Arn: found.arn } };
        },
        replacedFor: ["FunctionName"],
        delete: remove,
      },
      "AWS::Lambda::Permission": {
        create({ FunctionName, Principal, SourceArn, Action }, generatedName) {
          if (Action !== "lambda:InvokeFunction") throw new NotEmulated(`the permission ${Action}`);
          find(FunctionName).permissions.set(generatedName, { principal: Principal, sourceArn: SourceArn });
          return { physicalId: generatedName };
        },
        delete(physicalId, { FunctionName }) {
          functions.get(nameOf(FunctionName))?.permissions.delete(physicalId);
        },
      },
      "AWS::Lambda::EventInvokeConfig": {
        create(properties, generatedName) {
          configureAsync(properties);
          return { physicalId: generatedName };
        },
        update(physicalId, properties) {
          configureAsync(properties);
          return { physicalId };
        },
        replacedFor: ["FunctionName", "Qualifier"],
        delete(_physicalId, { FunctionName }) {
          const found = functions.get(nameOf(FunctionName));
          if (found) found.onFailure = undefined;
        },
      },
    },
  };

  async function answer(call: AwsCall): Promise<AwsAnswer> {
    if (call.method === "GET" && call.path.startsWith("/2015-03-31/event-source-mappings")) {
      return json({ EventSourceMappings: [] });
    }
    const [, , , name = "", what = "function", ...more] = call.path.split("/");
    const operation =
      more.length === 0 && call.path.startsWith("/2015-03-31/functions/") ? `${call.method} ${what}` : "";
    switch (operation) {
      case "GET function":
        return json(functionOf(find(name)));
      case "GET configuration":
        return json(configurationOf(find(name)));
      case "GET policy":
        surroundings.iam.authorize(call.accessKeyId, "lambda:GetPolicy", arnOf(name));
        return json({ Policy: policyOf(find(name)) });
      case "POST policy":
        return addPermission(find(name), JSON.parse(call.body.toString()));
      case "POST invocations":
        return answerInvocation(find(name), call);
      default:
        throw new NotEmulated(`lambda ${operationOf(call)}`);
    }
  }

  function addPermission({ permissions }: DeployedFunction, { StatementId, Principal, SourceArn, Action }: Properties) {
    if (Action !== "lambda:InvokeFunction") throw new NotEmulated(`the permission ${Action}`);
    if (permissions.has(StatementId)) {
      throw new AwsError(
        "ResourceConflictException",
        `The statement id (${StatementId}) provided already exists.`,
        409,
      );
    }
    permissions.set(StatementId, { principal: Principal, sourceArn: SourceArn });
    return { ...json({ Statement: StatementId }), status: 201 };
  }

  async function answerInvocation(called: DeployedFunction, call: AwsCall): Promise<AwsAnswer> {
    surroundings.iam.authorize(call.accessKeyId, "lambda:InvokeFunction", called.arn);
    const event = JSON.parse(call.body.toString() || "null");
    if (call.headers["x-amz-invocation-type"] === "Event") {
      invokeAsync(called.arn, event);
      return { status: 202 };
    }
    const headers = { "x-amz-executed-version": "$LATEST" };
    try {
      return json(await invoke(called, event), { ...headers, ...tailOf(called, call) });
    } catch (error) {
      return json(errorPayload(error as Error), {
        ...headers,
        ...tailOf(called, call),
        "x-amz-function-error": "Unhandled",
      });
    }
  }

  function invokeAsync(functionArn: string, event: unknown) {
    const attempts = attempt(functionArn, event);
    asynchronous.add(attempts);
    attempts.finally(() => asynchronous.delete(attempts));
  }

  async function attempt(functionArn: string, event: unknown) {
    for (let attempts = 1; ; attempts++) {
      const called = functions.get(nameOf(functionArn));
      if (!called) return;
      try {
        await invoke(called, event);
        return;
      } catch (error) {
        // The error is in the function's own log.
        const { retryAttempts = pausesBeforeRetry.length, queueArn } = called.onFailure ?? {};
        if (attempts > retryAttempts) {
          if (queueArn) putOnQueue(called, queueArn, failureRecord(called, event, attempts, error as Error));
          return;
        }
        await pause(pausesBeforeRetry[attempts - 1]);
      }
    }
  }

  /** What the queue does not take, or the role may not put there, is lost. */
  function putOnQueue({ properties }: DeployedFunction, queueArn: string, record: object) {
    try {
      maySend(properties.Role, queueArn);
      surroundings.sendMessage(queueArn, JSON.stringify(record));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
    }
  }

  function configureAsync(properties: Properties) {
    const { FunctionName, Qualifier, MaximumRetryAttempts = pausesBeforeRetry.length, DestinationConfig } = properties;
    const called = find(FunctionName);
    const queueArn: string | undefined = DestinationConfig?.OnFailure?.Destination;
    if (Qualifier !== "$LATEST") throw new NotEmulated(`asynchronous invocation of the version ${Qualifier}`);
    if (DestinationConfig?.OnSuccess) throw new NotEmulated("destinations for success");
    if (![0, 1, 2].includes(MaximumRetryAttempts)) throw invalid("MaximumRetryAttempts must be 0, 1 or 2.");
    if (queueArn !== undefined) {
      if (!queueArn.includes(":sqs:")) throw new NotEmulated(`${queueArn} as a destination for failures`);
      try {
        maySend(called.properties.Role, queueArn);
      } catch {
        throw invalid(`The function's execution role does not have permissions to call SendMessage on ${queueArn}`);
      }
    }
    called.onFailure = { retryAttempts: MaximumRetryAttempts, queueArn };
  }

  function maySend(role: string, queueArn: string) {
    surroundings.iam.authorize(surroundings.iam.accessKeyOf(role), "sqs:SendMessage", queueArn);
  }

  async function invoke(called: DeployedFunction, event: unknown): Promise<unknown> {
    called.running ??= start(called);
    called.lines = [];
    const { running } = called;
    try {
      return await (await running).invoke(event).finally(() => rmSync(clockFile(called), { force: true }));
    } catch (error) {
      // A handler that could not be loaded is loaded again by the next invocation.
      await running.catch(() => {
        called.running = undefined;
      });
      throw error;
    }
  }

  function start(called: DeployedFunction): Promise<LocalFunction> {
    const { Handler, Environment, MemorySize = 128, Timeout = 3, Role } = called.properties;
    const logGroup = `/aws/lambda/${called.name}`;
    const logStream = newLogStream();
    const accessKeyId = surroundings.iam.accessKeyOf(Role);
    return startLocalFunction({
      functionName: called.name,
      handler: path.join(called.directory, Handler),
      environment: {
        ...Environment?.Variables,
        ...surroundings.environment(accessKeyId),
        EMULATED_CLOCK_FILE: clockFile(called),
      },
      preload: [path.join(__dirname, "clock-ahead.cjs")],
      hostModule: surroundings.hostModule,
      memorySizeMB: MemorySize,
      timeoutMs: Timeout * 1000,
      region,
      accountId,
      onLogEvent(event) {
        called.lines.push(event.message);
        if (mayWrite(accessKeyId, logGroup)) surroundings.writeLog(logGroup, logStream, event);
      },
    });
  }

  function mayWrite(accessKeyId: string, logGroup: string): boolean {
    const resource = `arn:aws:logs:${region}:${accountId}:log-group:${logGroup}:log-stream:any`;
    try {
      surroundings.iam.authorize(accessKeyId, "logs:CreateLogStream", resource);
      surroundings.iam.authorize(accessKeyId, "logs:PutLogEvents", resource);
      return true;
    } catch {
      return false;
    }
  }

  async function unpack({ Code }: Properties): Promise<string> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "emulated-function-"));
    for (const [name, bytes] of Object.entries(unzipSync(surroundings.readObject(Code.S3Bucket, Code.S3Key)))) {
      const file = path.join(directory, name);
      await mkdir(path.dirname(file), { recursive: true });
      if (!name.endsWith("/")) await writeFile(file, bytes);
    }
    return directory;
  }

  async function remove(name: string) {
    const found = functions.get(name);
    if (!found) return;
    functions.delete(name);
    await end(found);
  }

  /** Ends the process, whose directory is then of no more use. */
  async function end(ending: DeployedFunction) {
    const running = await ending.running?.catch(() => undefined);
    ending.running = undefined;
    await running?.stop();
    await rm(ending.directory, { recursive: true, force: true });
  }

  function arnOf(name: string): string {
    return `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  }

  function find(nameOrArn: string): DeployedFunction {
    const found = functions.get(nameOf(nameOrArn));
    if (!found) throw new AwsError("ResourceNotFoundException", `Function not found: ${nameOrArn}`, 404);
    return found;
  }
}

function clockFile({ directory }: DeployedFunction): string {
  return path.join(directory, "clock-ahead-ms");
}

function nameOf(nameOrArn: string): string {
  return nameOrArn.startsWith("arn:") ? (nameOrArn.split(":")[6] ?? "") : nameOrArn;
}

/** One process writes one log stream. */
function newLogStream(): string {
  const date = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
  return `${date}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
}

function configurationOf({ name, arn, properties, lastModified }: DeployedFunction) {
  return {
    FunctionName: name,
    FunctionArn: arn,
    LastModified: lastModified.toISOString().replace("Z", "+0000"),
    Runtime: properties.Runtime,
    Handler: properties.Handler,
    Role: properties.Role,
    MemorySize: properties.MemorySize,
    Timeout: properties.Timeout,
    Environment: properties.Environment,
    Architectures: properties.Architectures,
    Description: properties.Description ?? "",
    VpcConfig: properties.VpcConfig,
    Layers: properties.Layers?.map((Arn: string) => ({ Arn })),
    State: "Active",
    LastUpdateStatus: "Successful",
    Version: "$LATEST",
  };
}

function functionOf(described: DeployedFunction) {
  const { properties, stackName } = described;
  const tags: [string, string][] = (properties.Tags ?? []).map(({ Key, Value }: Properties) => [Key, Value]);
  const ofStack: [string, string][] = stackName ? [["aws:cloudformation:stack-name", stackName]] : [];
  const reserved = properties.ReservedConcurrentExecutions;
  return {
    Configuration: configurationOf(described),
    Code: { RepositoryType: "S3" },
    Tags: Object.fromEntries([...tags, ...ofStack]),
    ...(reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: reserved } }),
  };
}

/** @throws {AwsError} when nobody was given a permission */
function policyOf({ name, arn, permissions }: DeployedFunction): string {
  if (permissions.size === 0) {
    throw new AwsError("ResourceNotFoundException", `No policy is associated with the given resource: ${name}`, 404);
  }
  const Statement = [...permissions].map(([Sid, { principal, sourceArn }]) => ({
    Sid,
    Effect: "Allow",
    Principal: { Service: principal },
    Action: "lambda:InvokeFunction",
    Resource: arn,
    ...(sourceArn && { Condition: { ArnLike: { "AWS:SourceArn": sourceArn } } }),
  }));
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement });
}

/**
 * What Lambda tells of an event that a function failed on for the last time.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
function failureRecord({ arn }: DeployedFunction, event: unknown, attempts: number, error: Error) {
  return {
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: `${arn}:$LATEST`,
      condition: "RetriesExhausted",
      approximateInvokeCount: attempts,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: errorPayload(error),
  };
}

/** The answer of Lambda's Node runtime for a handler that threw. */
function errorPayload({ name: errorType, message: errorMessage, stack = "" }: Error) {
  return { errorType, errorMessage, trace: stack.split("\n") };
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

/** The last 4 KB of the invocation's lines, when the caller asks for them. */
function tailOf({ lines }: DeployedFunction, call: AwsCall): Record<string, string> {
  if (call.headers["x-amz-log-type"] !== "Tail") return {};
  return { "x-amz-log-result": Buffer.from(lines.join("")).subarray(-4096).toString("base64") };
}

function json(value: unknown, headers: Record<string, string> = {}): AwsAnswer {
  return { status: 200, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}
