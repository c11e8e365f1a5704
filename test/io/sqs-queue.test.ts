import { regionOf, SqsQueue } from "../../src/io/sqs-queue.ts";

describe("the URL of a queue", () => {
  it.each([
    ["https://sqs.eu-west-1.amazonaws.com/123456789012/failed", "eu-west-1"],
    ["https://sqs.us-gov-west-1.amazonaws.com/123456789012/failed", "us-gov-west-1"],
    ["https://sqs.cn-north-1.amazonaws.com.cn/123456789012/failed", "cn-north-1"],
    ["https://eu-west-1.queue.amazonaws.com/123456789012/failed", "eu-west-1"],
    ["https://vpce-0a1b-c2d3.sqs.ap-southeast-2.vpce.amazonaws.com/123456789012/failed", "ap-southeast-2"],
    ["http://127.0.0.1:4566/123456789012/failed", undefined],
    ["https://queue.amazonaws.com/123456789012/eu-west-1", undefined],
  ])("%s says the region", (queueUrl, region) => {
    expect(regionOf(queueUrl)).toBe(region);
  });

  it("is refused when it is a name, or of a FIFO queue", () => {
    expect(() => new SqsQueue("failed")).toThrow("failed is not the URL of an SQS queue: give it as https://sqs.");
    expect(() => new SqsQueue("https://sqs.eu-west-1.amazonaws.com/123456789012/failed.fifo")).toThrow(
      "is a FIFO queue, which one batch can hold up: use a standard queue",
    );
  });
});
