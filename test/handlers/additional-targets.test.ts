import type { Context } from "aws-lambda";
import type { Ledger, TargetBooks } from "../../src/delivery/ledger.ts";
import { invokeTargets } from "../../src/handlers/additional-targets.ts";
import { createForwarder } from "../../src/handlers/forwarder.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { anIntake, type Reply, type TestIntake } from "../helpers/intake.ts";
import { type LambdaServer, startLambda } from "../helpers/lambda-server.ts";
import { A_FORWARDER, A_KEY } from "../helpers/telemetry.ts";

const SECRET_CONTENT = "the customer's secret";
const ELSEWHERE = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere:live";

let lambda: LambdaServer;
beforeAll(async () => {
  lambda = await startLambda();
  Object.assign(process.env, lambda.environment);
});
beforeEach(() => {
  lambda.calls.splice(0);
  lambda.replies.clear();
});
afterAll(() => lambda.stop());

describe("additional targets", () => {
  let problems: string[];
  let requests = 0;
  beforeEach(() => {
    problems = [];
  });

  function invoke(targets: string[], event: unknown, context: Partial<Context> = {}): Promise<TargetBooks> {
    const given = { awsRequestId: `request-${requests++}`, ...context } as Context;
    return invokeTargets(targets, event, given, A_FORWARDER, (problem) => problems.push(problem));
  }

  it("get the event as it came, asynchronously, each in its own region", async () => {
    const event = { awslogs: { data: "H4sI" }, retry: true };
    expect(await invoke(["archive", ELSEWHERE], event)).toEqual({ invoked: 2, repeated: 0, failed: {} });
    const payload = JSON.stringify(event);
    expect(lambda.calls).toHaveLength(2);
    expect(lambda.calls).toEqual(
      expect.arrayContaining([
        { functionName: "archive", invocationType: "Event", region: "eu-west-1", payload },
        { functionName: ELSEWHERE, invocationType: "Event", region: "us-east-1", payload },
      ]),
    );
    expect(problems).toEqual([]);
  });

  it("do not get an event again when Lambda invokes again because the forwarding failed", async () => {
    lambda.replies.set("flaky", { code: "AccessDeniedException", status: 403 });
    const again = { awsRequestId: "the same" };
    expect(await invoke(["archive", "flaky"], {}, again)).toMatchObject({ invoked: 1, repeated: 0 });
    lambda.replies.clear();
    expect(await invoke(["archive", "flaky"], {}, again)).toEqual({ invoked: 1, repeated: 1, failed: {} });
    expect(lambda.calls.map(({ functionName }) => functionName).sort()).toEqual(["archive", "flaky", "flaky"]);
    expect(await invoke(["archive"], {})).toMatchObject({ invoked: 1 });
  });

  it.each([
    ["AccessDeniedException", 403, "the forwarder's role must allow lambda:InvokeFunction on it"],
    ["ResourceNotFoundException", 404, "there is no such function: check the region"],
    ["RequestTooLargeException", 413, "the event is larger than an asynchronous invocation takes"],
    ["TooManyRequestsException", 429, "it was tried again in vain"],
    ["ServiceException", 500, "Lambda did not take the event"],
  ])(
    "that are not invoked for %s are counted and named with the remedy, and cost the others nothing",
    async (code, status, remedy) => {
      lambda.replies.set("broken", { code, status });
      expect(await invoke(["broken", "archive"], { secret: SECRET_CONTENT })).toEqual({
        invoked: 1,
        repeated: 0,
        failed: { [code]: 1 },
      });
      expect(problems).toEqual([
        expect.stringMatching(new RegExp(`^cannot invoke the function broken: ${code}; .*${remedy}`)),
      ]);
      expect(problems.join()).not.toContain(SECRET_CONTENT);
    },
  );

  it("that do not answer are waited for no longer than there is time", async () => {
    lambda.replies.set("slow", "hang");
    const startedMs = performance.now();
    const context = { getRemainingTimeInMillis: () => 700 };
    expect(await invoke(["slow", "archive"], {}, context)).toEqual({ invoked: 1, repeated: 0, failed: { timeout: 1 } });
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(problems[0]).toMatch(/^cannot invoke the function slow: timeout; check that the forwarder can reach Lambda/);
  });

  it.each([
    "Forwarder",
    "Forwarder:live",
    "999999999999:function:Forwarder",
    "arn:aws:lambda:eu-west-1:999999999999:function:Forwarder:$LATEST",
  ])("are not the forwarder itself, which would never end: %s", async (target) => {
    expect(await invoke([target], {})).toEqual({ invoked: 0, repeated: 0, failed: { itself: 1 } });
    expect(lambda.calls).toEqual([]);
    expect(problems[0]).toContain("take it out of DD_ADDITIONAL_TARGET_LAMBDAS");
  });

  it.each([
    "Forwarder2",
    "123456789012:function:Forwarder",
    "arn:aws:lambda:us-east-1:999999999999:function:Forwarder",
  ])("may have the forwarder's name elsewhere, or one like it: %s", async (target) => {
    expect(await invoke([target], {})).toMatchObject({ invoked: 1 });
  });
});

describe("a forwarder with additional targets", () => {
  let intake: TestIntake;
  afterEach(() => intake.stop());

  it("forwards and invokes, and has both in its books", async () => {
    const { ledger, error } = await run(aDelivery(["a line"]), "archive");
    expect(error).toBeUndefined();
    expect(ledger).toMatchObject({ events: 1, unaccounted: 0, additionalTargets: { invoked: 1, failed: {} } });
    expect(intake.logs().map(({ message }) => message)).toEqual(["a line"]);
    expect(JSON.parse(lambda.calls[0]?.payload ?? "")).toEqual(aDelivery(["a line"]));
  });

  it("does not fail, nor keep a line back, because a target fails", async () => {
    lambda.replies.set("broken", { code: "ResourceNotFoundException", status: 404 });
    const { ledger, error, output } = await run(aDelivery([SECRET_CONTENT]), "broken");
    expect(error).toBeUndefined();
    expect(ledger.additionalTargets).toEqual({ invoked: 0, repeated: 0, failed: { ResourceNotFoundException: 1 } });
    expect(intake.logs()).toHaveLength(1);
    expect(output).toContain('"aws.dd_forwarder.additional_targets_failed":1');
    expect(output).toContain("cannot invoke the function broken");
    expect(output).not.toContain(SECRET_CONTENT);
  });

  it("invokes them with an event that it cannot forward or read itself", async () => {
    expect((await run(aDelivery(["a line"]), "archive", [404])).error?.message).toContain("HTTP 404");
    await intake.stop();
    expect((await run({ unknown: "event" }, "archive")).error?.message).toContain("the event is of no known kind");
    expect(lambda.calls).toHaveLength(2);
  });

  it("does not invoke them for a redrive alone, and does for one beside an event", async () => {
    expect((await run({ retry: true }, "archive")).ledger).not.toHaveProperty("additionalTargets");
    expect(lambda.calls).toEqual([]);
    await intake.stop();
    expect((await run({ ...aDelivery(["a line"]), retry: true }, "archive")).ledger).toMatchObject({
      additionalTargets: { invoked: 1 },
    });
  });

  async function run(
    event: unknown,
    targets: string,
    replies: Reply[] = [],
  ): Promise<{ ledger: Ledger; output: string; error: Error | undefined }> {
    intake = await anIntake(...replies);
    let output = "";
    const spy = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      output += String(text);
      return true;
    });
    let error: Error | undefined;
    try {
      const handler = createForwarder({
        DD_API_KEY: A_KEY,
        DD_URL: "127.0.0.1",
        DD_PORT: String(intake.port),
        DD_NO_SSL: "true",
        DD_TRACE_INTAKE_URL: intake.url,
        DD_ADDITIONAL_TARGET_LAMBDAS: targets,
      });
      const invokedFunctionArn = "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder";
      const context = { functionName: "Forwarder", invokedFunctionArn, getRemainingTimeInMillis: () => 5_000 };
      await handler(event, context as Context).catch((thrown: Error) => {
        error = thrown;
      });
    } finally {
      spy.mockRestore();
    }
    const line = output.split("\n").find((line) => line.includes('"ledger"')) ?? "";
    return { ledger: JSON.parse(line).ledger as Ledger, output, error };
  }
});
