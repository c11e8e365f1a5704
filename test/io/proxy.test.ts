import { createPost } from "../../src/io/http.ts";
import { anIntake, type TestIntake } from "../helpers/intake.ts";
import { aProxy, type TestProxy } from "../helpers/proxy.ts";

type Post = ReturnType<typeof createPost>;

const DELIVERED = { status: 202, retryAfter: undefined };

/** With what the proxy is given as, so that credentials and names can be added. */
function postThrough(url: string, noProxy = ""): Post {
  return createPost({ skipSslValidation: true, noSsl: false, httpsProxy: url, httpProxy: url, noProxy });
}

function to(url: string, timeoutMs = 2_000): Parameters<Post>[0] {
  return { url: `${url}/api/v2/logs`, headers: { "dd-api-key": "k" }, body: Buffer.from("{}"), timeoutMs };
}

describe("a request by way of a proxy", () => {
  let intake: TestIntake;
  let proxy: TestProxy;
  afterEach(async () => {
    await proxy.stop();
    await intake.stop();
  });

  it("over https goes through a tunnel to the host's name, which stays open for the next", async () => {
    [intake, proxy] = await Promise.all([anIntake.withTls(), aProxy()]);
    const post = postThrough(proxy.url);
    const url = `https://intake.example.com:${intake.port}`;
    expect(await post(to(url))).toEqual(DELIVERED);
    expect(await post(to(url))).toEqual(DELIVERED);
    expect(proxy.asked).toEqual([`CONNECT intake.example.com:${intake.port}`]);
    expect(proxy.hosts).toEqual([`intake.example.com:${intake.port}`]);
    const [first, second] = intake.requests;
    expect(first).toMatchObject({
      method: "POST",
      path: "/api/v2/logs",
      headers: { host: `intake.example.com:${intake.port}`, "dd-api-key": "k" },
    });
    expect(second?.socketPort).toBe(first?.socketPort);
  });

  it("over http asks the proxy for the whole URL, over a connection that stays open", async () => {
    [intake, proxy] = await Promise.all([anIntake(), aProxy()]);
    const post = postThrough(proxy.url);
    const url = `http://intake.example.com:${intake.port}`;
    expect(await post(to(url))).toEqual(DELIVERED);
    expect(await post(to(url))).toEqual(DELIVERED);
    expect(proxy.asked).toEqual([`POST ${url}/api/v2/logs`, `POST ${url}/api/v2/logs`]);
    expect(intake.requests[0]?.headers).toMatchObject({ host: `intake.example.com:${intake.port}`, "dd-api-key": "k" });
  });

  it("may go to the proxy itself over TLS", async () => {
    [intake, proxy] = await Promise.all([anIntake.withTls(), aProxy.withTls()]);
    const plainIntake = await anIntake();
    const post = postThrough(proxy.url);
    expect(await post(to(intake.url))).toEqual(DELIVERED);
    expect(await post(to(plainIntake.url))).toEqual(DELIVERED);
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${intake.port}`, `POST ${plainIntake.url}/api/v2/logs`]);
    await plainIntake.stop();
  });

  it("shows the proxy the user and password of its URL, and the intake neither", async () => {
    [intake, proxy] = await Promise.all([anIntake.withTls(), aProxy()]);
    const plainIntake = await anIntake();
    const post = postThrough(proxy.url.replace("//", "//us%40er:p%3A%2F%20%C3%A9@"));
    expect(await post(to(intake.url))).toEqual(DELIVERED);
    expect(await post(to(plainIntake.url))).toEqual(DELIVERED);
    const credentials = `Basic ${Buffer.from("us@er:p:/ é").toString("base64")}`;
    expect(proxy.credentials).toEqual([credentials, credentials]);
    expect(intake.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
    await plainIntake.stop();
  });

  it("begins no second tunnel for requests that find one free, and one each for those that do not", async () => {
    [intake, proxy] = await Promise.all([anIntake.withTls(), aProxy()]);
    const post = postThrough(proxy.url);
    await Promise.all(Array.from({ length: 4 }, () => post(to(intake.url))));
    await Promise.all(Array.from({ length: 4 }, () => post(to(intake.url))));
    expect(proxy.asked.length).toBe(4);
  });

  it("checks the certificate of the intake behind the tunnel", async () => {
    [intake, proxy] = await Promise.all([anIntake.withTls(), aProxy()]);
    const post = createPost({ skipSslValidation: false, noSsl: false, httpsProxy: proxy.url });
    expect(await post(to(intake.url))).toEqual({ error: "DEPTH_ZERO_SELF_SIGNED_CERT", isSent: false });
    expect(intake.requests).toEqual([]);
  });

  it("says when a tunnel was closed while it waited, and makes a new one for the next request", async () => {
    [intake, proxy] = await Promise.all([anIntake.withTls(202, "reset", 202), aProxy()]);
    const post = postThrough(proxy.url);
    await post(to(intake.url));
    expect(await post(to(intake.url))).toEqual({ error: "ECONNRESET", isSent: true, isStale: true });
    expect(await post(to(intake.url))).toEqual(DELIVERED);
    expect(proxy.asked.length).toBe(2);
  });

  it.each(["http", "https"])("over %s leaves the proxy where NO_PROXY says so", async (scheme) => {
    [intake, proxy] = await Promise.all([scheme === "http" ? anIntake() : anIntake.withTls(), aProxy()]);
    expect(await postThrough(proxy.url, "example.com,127.0.0.0/8")(to(intake.url))).toEqual(DELIVERED);
    expect(proxy.asked).toEqual([]);
  });

  it("goes by the proxy of its own scheme alone", async () => {
    [intake, proxy] = await Promise.all([anIntake(), aProxy()]);
    const post = createPost({ skipSslValidation: true, noSsl: true, httpsProxy: proxy.url });
    expect(await post(to(intake.url))).toEqual(DELIVERED);
    expect(proxy.asked).toEqual([]);
  });

  describe.each(["http", "https"])("over %s that gets no further than the proxy", (scheme) => {
    beforeEach(async () => {
      [intake, proxy] = await Promise.all([scheme === "http" ? anIntake() : anIntake.withTls(), aProxy()]);
    });
    const withSecret = (): string => proxy.url.replace("//", "//user:hunter2@");

    it("may be tried again, and says which proxy refused it, without the password", async () => {
      proxy.manner = 407;
      const post = postThrough(withSecret());
      const answer = await post(to(intake.url));
      expect(answer).toEqual({ error: `proxy 127.0.0.1:${proxy.port}: HTTP 407`, isSent: false });
      proxy.manner = "work";
      expect(await post(to(intake.url))).toEqual(DELIVERED);
      expect(intake.requests.length).toBe(1);
    });

    it("says which proxy is down", async () => {
      await proxy.stop();
      expect(await postThrough(withSecret())(to(intake.url))).toEqual({
        error: `proxy 127.0.0.1:${proxy.port}: ECONNREFUSED`,
        isSent: false,
      });
    });

    it("says which proxy hangs, in the time it has", async () => {
      proxy.manner = "hang";
      const startedMs = performance.now();
      expect(await postThrough(withSecret())(to(intake.url, 100))).toMatchObject({
        error: `proxy 127.0.0.1:${proxy.port}: timeout`,
      });
      expect(performance.now() - startedMs).toBeLessThan(1_500);
    });

    it("says which proxy hung up", async () => {
      proxy.manner = "reset";
      expect(await postThrough(withSecret())(to(intake.url))).toMatchObject({
        error: `proxy 127.0.0.1:${proxy.port}: ECONNRESET`,
      });
    });
  });

  it("says which proxy could not reach the intake", async () => {
    [intake, proxy] = await Promise.all([anIntake.withTls(), aProxy(502)]);
    expect(await postThrough(proxy.url)(to(intake.url))).toEqual({
      error: `proxy 127.0.0.1:${proxy.port}: HTTP 502`,
      isSent: false,
    });
  });
});
