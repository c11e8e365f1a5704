import { spawn } from "node:child_process";
import path from "node:path";
import { startLocalFunction } from "../../src/cli/local-function.ts";
import { aFolder, aFunction, cleanUp, hostModule } from "./a-function.ts";

afterEach(cleanUp);

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

describe("a local function", () => {
  it("gives its handler's answer and every line it wrote, in order, between START, END and REPORT", async () => {
    const { local, messages } = await aFunction(`
      exports.handler = async (event, context) => {
        console.log("one\\nmore");
        process.stdout.write("two\\n");
        process.stderr.write("three\\n");
        require("node:fs").writeSync(1, "four\\n");
        console.error("five");
        process.stdout.write("six, without a newline");
        return { event, id: context.awsRequestId };
      };`);
    const { event, id } = (await local.invoke({ a: [1, "é"] })) as { event: unknown; id: string };

    expect(event).toEqual({ a: [1, "é"] });
    expect(messages.map((message) => message.replaceAll(id, "<id>").replace(/^[\d-]+T[\d:.]+Z/, "<time>"))).toEqual([
      "START RequestId: <id> Version: $LATEST\n",
      "<time>\t<id>\tINFO\tone\rmore\n",
      "two\n",
      "three\n",
      "four\n",
      "<time>\t<id>\tERROR\tfive\n",
      "six, without a newline\n",
      "END RequestId: <id>\n",
      expect.stringMatching(
        /^REPORT RequestId: <id>\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 512 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n$/,
      ),
    ]);
  });

  it("reports the time of its start only once", async () => {
    const { local, messages } = await aFunction("exports.handler = async () => {};");
    expect(await local.invoke({})).toBeNull();
    expect(await local.invoke({})).toBeNull();
    expect(messages.filter((message) => message.startsWith("REPORT")).map((line) => /Init/.test(line))).toEqual([
      true,
      false,
    ]);
  });

  it("keeps the order of much output that is written in different ways", async () => {
    const { local, messages } = await aFunction(`
      const { writeSync } = require("node:fs");
      const say = [(line) => console.log(line), (line) => process.stdout.write(line + "\\n"), (line) => process.stderr.write(line + "\\n")];
      exports.handler = async () => { for (let i = 0; i < 6000; i++) say[i % 3](i + "." + "x".repeat(200)); };`);
    await local.invoke({});
    const numbers = messages.flatMap((message) => /(\d+)\.x{200}\n$/.exec(message)?.[1] ?? []);
    expect(numbers).toEqual(Array.from({ length: 6000 }, (_, index) => String(index)));
  });

  it("is named and placed like a Lambda function, and sees nothing else of this environment", async () => {
    process.env.A_SECRET_OF_THE_COMMAND = "secret";
    const { local } = await aFunction(
      "exports.handler = async (_, { getRemainingTimeInMillis, ...context }) => ({ env: process.env, context, left: getRemainingTimeInMillis() });",
      {
        environment: { MINE: "1" },
        memorySizeMB: 256,
        timeoutMs: 5000,
        region: "us-east-1",
        accountId: "210987654321",
      },
    );
    const { env, context, left } = (await local.invoke({})) as never as Record<string, Record<string, string>> & {
      left: number;
    };
    expect(local.logGroup).toBe("/aws/lambda/a-function");
    expect(local.logStream).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    expect(env).toMatchObject({
      MINE: "1",
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: "a-function",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_LOG_STREAM_NAME: local.logStream,
      _HANDLER: "index.handler",
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
    });
    expect(env).not.toHaveProperty("A_SECRET_OF_THE_COMMAND");
    expect(context).toMatchObject({
      awsRequestId: expect.stringMatching(new RegExp(`^${uuid}$`)),
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:210987654321:function:a-function",
      memoryLimitInMB: "256",
      logGroupName: local.logGroup,
      logStreamName: local.logStream,
    });
    expect(left).toBeGreaterThan(3000);
    expect(left).toBeLessThanOrEqual(5000);
  });

  it("runs one invocation after the other", async () => {
    const { local } = await aFunction(`
      let running = 0;
      exports.handler = async () => {
        running++;
        await new Promise((resolve) => setTimeout(resolve, 10));
        return running--;
      };`);
    expect(await Promise.all([local.invoke(1), local.invoke(2), local.invoke(3)])).toEqual([1, 1, 1]);
  });

  it("takes handlers that call back, and ES modules", async () => {
    const { local } = await aFunction(
      "exports.handler = (event, _, callback) => setTimeout(callback, 1, null, event + 1);",
    );
    expect(await local.invoke(1)).toBe(2);
    const folder = aFolder({ "index.mjs": "export const handler = async (event) => event * 2;" });
    const { local: module } = await aFunction("", { handler: path.join(folder, "index.handler") });
    expect(await module.invoke(21)).toBe(42);
  });

  it("loads what is to be loaded before the handler", async () => {
    const folder = aFolder({ "first.cjs": "globalThis.order = ['preloaded'];" });
    const { local } = await aFunction("order.push('loaded'); exports.handler = async () => order;", {
      preload: [path.join(folder, "first.cjs")],
    });
    expect(await local.invoke({})).toEqual(["preloaded", "loaded"]);
  });
});

describe("a local function that fails", () => {
  it("passes on the handler's error and logs it as the runtime does", async () => {
    const { local, messages } = await aFunction(
      "exports.handler = async () => { throw Object.assign(new TypeError('no such thing'), { code: 'E_THING' }); };",
    );
    await expect(local.invoke({})).rejects.toMatchObject({ name: "TypeError", message: "no such thing" });
    expect(messages[1]).toMatch(
      /\tERROR\tInvoke Error \t\{"errorType":"TypeError","errorMessage":"no such thing","code":"E_THING","stack":\["TypeError: no such thing",/,
    );
    expect(messages.at(-1)).toMatch(/^REPORT/);
  });

  it("passes on things that are no errors", async () => {
    const { local } = await aFunction("exports.handler = async () => { throw 'a text'; };");
    await expect(local.invoke({})).rejects.toMatchObject({ name: "string", message: "a text" });
  });

  it("says so when an answer cannot be JSON, and when an event cannot", async () => {
    const { local } = await aFunction("exports.handler = async () => 1n;");
    await expect(local.invoke({})).rejects.toThrow(/BigInt/);
    await expect(local.invoke({ n: 1n })).rejects.toThrow(/BigInt/);
  });

  it.each([
    ["exits", "process.exit(3)", "Runtime.ExitError", "exit status 3"],
    ["is killed", "process.kill(process.pid, 'SIGKILL')", "Runtime.ExitError", "signal: SIGKILL"],
    [
      "throws where nobody waits",
      "setTimeout(() => { throw new RangeError('later'); })",
      "RangeError",
      "exit status 129",
    ],
    [
      "leaves a rejection alone",
      "Promise.reject(new Error('later'))",
      "Runtime.UnhandledPromiseRejection",
      "exit status 128",
    ],
  ])("gets a fresh process after one that %s", async (_, code, name, how) => {
    const { local, messages } = await aFunction(`
      let count = 0;
      exports.handler = async (event) => {
        console.log("begin");
        if (event.die) { ${code}; await new Promise((resolve) => setTimeout(resolve, 5000)); }
        return ++count;
      };`);
    expect(await local.invoke({})).toBe(1);
    await expect(local.invoke({ die: true })).rejects.toMatchObject({ name });
    expect(messages.at(-3)).toMatch(
      new RegExp(`^RequestId: ${uuid} Error: Runtime exited with error: ${how}\nRuntime.ExitError\n$`),
    );
    expect(messages.at(-2)).toMatch(/^END/);
    expect(messages.at(-1)).toMatch(/\tStatus: error\tError Type: Runtime.ExitError\t\n$/);
    expect(await local.invoke({})).toBe(1);
    expect(messages.at(-1)).toMatch(/Init Duration/);
  });

  it("is ended at its timeout, even in a loop that never waits, and gets a fresh process", async () => {
    const { local, messages } = await aFunction(
      "exports.handler = async (event) => { console.log('begin'); while (event.loop); return 1; };",
      { timeoutMs: 300 },
    );
    await expect(local.invoke({ loop: true })).rejects.toMatchObject({
      name: "Sandbox.Timedout",
      message: expect.stringMatching(/Task timed out after 0.30 seconds$/),
    });
    expect(messages.slice(-4)).toEqual([
      expect.stringMatching(/\tINFO\tbegin\n$/),
      expect.stringMatching(new RegExp(`^[\\d-]+T[\\d:.]+Z ${uuid} Task timed out after 0.30 seconds\n\n$`)),
      expect.stringMatching(/^END/),
      expect.stringMatching(/\tStatus: timeout\t\n$/),
    ]);
    expect(await local.invoke({})).toBe(1);
  });

  it.each([
    ["throws", "index.handler", "throw new RangeError('bad module');", { name: "RangeError", message: "bad module" }],
    ["exits", "index.handler", "process.exit(7);", { message: expect.stringMatching(/did not load: exit status 7$/) }],
    ["has no such export", "index.nothing", "", { name: "Runtime.HandlerNotFound" }],
    ["is missing", "absent.handler", "", { name: "Runtime.ImportModuleError" }],
    ["is not named", "index", "", { name: "Runtime.MalformedHandlerName" }],
  ])("does not start when its module %s", async (_, handler, source, error) => {
    const folder = aFolder({ "index.cjs": source });
    const settings = { functionName: "a", environment: {}, hostModule, onLogEvent() {} };
    await expect(startLocalFunction({ ...settings, handler: path.join(folder, handler) })).rejects.toMatchObject(error);
  });

  it("logs the error of its module as the runtime does", async () => {
    const messages: string[] = [];
    const onLogEvent = ({ message }: { message: string }) => messages.push(message);
    await expect(aFunction("console.log('loading'); throw new Error('bad');", { onLogEvent })).rejects.toThrow("bad");
    expect(messages).toEqual([
      expect.stringMatching(/Z\tundefined\tINFO\tloading\n$/),
      expect.stringMatching(/Z\tundefined\tERROR\tUncaught Exception \t\{"errorType":"Error","errorMessage":"bad"/),
    ]);
  });
});

describe("the end of a local function", () => {
  it("fails the invocations that wait, and starts no process again", async () => {
    const { local } = await aFunction("exports.handler = () => new Promise(() => {});");
    const first = expect(local.invoke({})).rejects.toThrow("a-function was stopped");
    const second = expect(local.invoke({})).rejects.toThrow("a-function was stopped");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await local.stop();
    await Promise.all([first, second]);
    await expect(local.invoke({})).rejects.toThrow("a-function was stopped");
    await local.stop();
  });

  it("comes with the end of the process that started it", async () => {
    const host = spawn(process.execPath, [hostModule], { stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const ended = new Promise((resolve) => host.once("exit", resolve));
    host.disconnect();
    expect(await ended).toBe(0);
  });
});
