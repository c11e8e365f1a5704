import type { Context } from "aws-lambda";
import { createForwarder } from "../../src/handlers/forwarder.ts";
import { aDelivery } from "../helpers/deliveries.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { startTagServer, type TagServer } from "../helpers/tag-server.ts";
import { A_KEY } from "../helpers/telemetry.ts";

const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:Thinker-Microservice";
const GROUP = "/aws/lambda/thinker-microservice";

describe("the forwarder that looks up tags", () => {
  let aws: TagServer;
  let intake: TestIntake;
  let output: string[];
  beforeEach(async () => {
    [aws, intake] = await Promise.all([startTagServer(), anIntake()]);
    Object.assign(process.env, aws.environment);
    await aws.tag(FUNCTION, { Team: "Thinkers", Env: "prod", Service: "thinking" });
    await aws.tagLogGroup(GROUP, { "Cost Centre": "42" });
    output = [];
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      output.push(String(text));
      return true;
    });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all([aws.stop(), intake.stop()]);
  });

  it("gives logs the tags of their function and of their log group", async () => {
    const invoke = aForwarder({ DD_FETCH_LAMBDA_TAGS: "true", DD_FETCH_LOG_GROUP_TAGS: "true", DD_TAGS: "team:a" });
    await invoke(["one", "two"]);
    await invoke(["three"]);
    for (const { service, ddtags } of intake.logs()) {
      expect(service).toBe("thinking");
      expect(ddtags).toBe(
        "team:a,forwardername:forwarder,forwarder_version:0.0.0,cost_centre:42,aws_account:123456789012,env:prod,functionname:thinker-microservice,region:eu-west-1,service:thinking,team:thinkers",
      );
    }
    expect(intake.logs()).toHaveLength(3);
    expect([...aws.calls].sort()).toEqual(["GetResources", "ListTagsForResource"]);
    expect(ledgers().map(({ tagRefreshes }) => tagRefreshes)).toEqual([{ fromAws: 2 }, {}]);
  });

  it("calls nothing, and has nothing of it in the ledger, when no setting asks for tags", async () => {
    await aForwarder({})(["one"]);
    expect(aws.calls).toEqual([]);
    expect(intake.logs()).toMatchObject([{ service: "thinker-microservice" }]);
    expect(ledgers()[0]).not.toHaveProperty("tagRefreshes");
  });

  it("delivers every log when tags cannot be had, counts that, and shows neither logs nor tags", async () => {
    aws.faulty({ code: "AccessDeniedException" });
    const invoke = aForwarder({ DD_FETCH_LAMBDA_TAGS: "true", DD_FETCH_LOG_GROUP_TAGS: "true" });
    await invoke(["the customer's secret"]);
    expect(intake.logs()).toMatchObject([{ message: "the customer's secret", service: "thinker-microservice" }]);
    expect(ledgers()[0]).toMatchObject({ tagRefreshes: { failed: 2 }, unaccounted: 0 });
    const warnings = output.filter((line) => line.includes('"WARN"'));
    expect(warnings).toEqual([
      expect.stringContaining("the function's role needs tag:GetResources on all resources (*)"),
      expect.stringContaining("the function's role needs logs:ListTagsForResource on the log group"),
    ]);
    expect(output.join("")).not.toMatch(/secret|thinkers|cost/i);
  });

  it("sends logs before the answer when AWS does not answer, and ends with time to spare", async () => {
    aws.faulty("hang");
    await aForwarder({ DD_FETCH_LAMBDA_TAGS: "true" }, 2_500)(["one"]);
    expect(intake.logs()).toMatchObject([{ message: "one" }]);
    expect(ledgers()[0]).toMatchObject({ tagRefreshes: { failed: 1 }, unaccounted: 0 });
  });

  const ledgers = () => output.filter((line) => line.includes('"ledger"')).map((line) => JSON.parse(line).ledger);

  /** A process that is given deliveries one after the other. */
  function aForwarder(env: Record<string, string>, msLeft = 5_000): (messages: string[]) => Promise<void> {
    const handler = createForwarder({
      DD_API_KEY: A_KEY,
      DD_URL: "127.0.0.1",
      DD_PORT: String(intake.port),
      DD_NO_SSL: "true",
      DD_TRACE_INTAKE_URL: intake.url,
      ...env,
    });
    const context = {
      functionName: "Forwarder",
      invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder",
      getRemainingTimeInMillis: () => msLeft,
    };
    return async (messages) => void (await handler(aDelivery(messages), context as Context));
  }
});
