import { datadogForwarderEnds } from "../../src/destinations/datadog-forwarder-items.ts";
import { A_FORWARDER } from "../helpers/telemetry.ts";

describe("the model of the Datadog Forwarder", () => {
  const delivery = {
    messageType: "DATA_MESSAGE",
    owner: "123456789012",
    logGroup: "/aws/lambda/thinker",
    logStream: "a",
    logEvents: [{ id: "1", timestamp: 1, message: "hello" }],
  };
  const settings = { tags: "", source: "", logGroupTags: [], functionTags: [] };
  const tagsOf = (functionArn: string): string => {
    const [end] = datadogForwarderEnds(delivery, settings, { ...A_FORWARDER, functionArn, region: "us-east-1" });
    return end?.kind === "log" ? String(end.item.ddtags) : "";
  };

  it("has the region of its ARN, and where it is invoked without one, that of its process", () => {
    expect(tagsOf(A_FORWARDER.functionArn)).toContain("region:eu-west-1");
    expect(tagsOf("")).toContain("region:us-east-1");
  });
});
