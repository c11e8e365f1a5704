import type { Context } from "aws-lambda";
import { identityOf } from "../../src/handlers/identity.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:Forwarder";
const ENV = { AWS_REGION: "eu-west-3", AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/Forwarder" };

function aContext(given: Partial<Context> = {}): Context {
  const context = { invokedFunctionArn: ARN, functionName: "Forwarder", functionVersion: "$LATEST", ...given };
  return context as Context;
}

describe("the forwarder's identity", () => {
  it("is what Lambda says of it, and tells a version only where it is published", () => {
    const { forwarder } = identityOf(aContext(), ENV, undefined);
    expect(forwarder).toMatchObject({
      functionArn: ARN.toLowerCase(),
      invokedFunctionArn: ARN,
      functionName: "Forwarder",
      functionVersion: "",
      region: "eu-west-1",
      logGroup: "/aws/lambda/Forwarder",
    });
    const published = aContext({ invokedFunctionArn: `${ARN}:live`, functionVersion: "7" });
    expect(identityOf(published, ENV, undefined).forwarder).toMatchObject({
      invokedFunctionArn: `${ARN}:live`,
      functionVersion: "7",
    });
  });

  it("is the environment's where an invocation says nothing", () => {
    const { forwarder } = identityOf({} as Context, { ...ENV, AWS_LAMBDA_FUNCTION_NAME: "Named" }, undefined);
    expect(forwarder).toMatchObject({
      functionArn: "",
      functionName: "Named",
      functionVersion: "",
      region: "eu-west-3",
    });
  });

  it("stays the same until another ARN is invoked, and shares no destinations with the other", () => {
    const first = identityOf(aContext(), ENV, undefined);
    expect(identityOf(aContext(), ENV, first)).toBe(first);
    const alias = identityOf(aContext({ invokedFunctionArn: `${ARN}:live` }), ENV, first);
    expect(alias.forwarder.invokedFunctionArn).toBe(`${ARN}:live`);
    expect(alias.freeDestinations).not.toBe(first.freeDestinations);
  });
});
