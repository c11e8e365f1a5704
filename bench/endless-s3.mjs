/** S3 with one object, whatever it is asked for: the same bytes again and again, so that it takes no memory. */
import { createServer } from "node:http";

/**
 * @param {Buffer} unit
 * @param {number} times that the object has it
 * @returns {Promise<{environment: object, bytes: number, stop: () => Promise<void>}>} `environment`: by which AWS's SDK finds it
 */
export async function startEndlessS3(unit, times) {
  const bytes = unit.length * times;
  const server = createServer(({ headers }, response) => {
    const [, from = 0, to = bytes - 1] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? "")?.map(Number) ?? [];
    const end = Math.min(to + 1, bytes);
    response.writeHead(206, {
      etag: '"endless"',
      "content-length": end - from,
      "content-range": `bytes ${from}-${end - 1}/${bytes}`,
    });
    for (let at = from; at < end; ) {
      const start = at % unit.length;
      const part = unit.subarray(start, Math.min(unit.length, start + end - at));
      response.write(part);
      at += part.length;
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    environment: {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${server.address().port}`,
      AWS_ACCESS_KEY_ID: "AKIDTEST",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "eu-west-1",
    },
    bytes,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
