import path from "node:path";
import { readPage } from "../../src/viewer/page-files.ts";
import { aServer, stopAll } from "./a-server.ts";

const folder = path.resolve("dist/cli/page");

afterEach(stopAll);

describe("the files of the page", () => {
  it("are served with their types, and a policy that allows nothing else", async () => {
    const intake = await aServer({ page: await readPage(folder) });
    const types = new Map<string, string | null>();
    for (const file of ["/", "/page.js", "/page.css", "/icon.svg"]) {
      const response = await fetch(intake.url + file);
      expect(response.status).toBe(200);
      types.set(file, response.headers.get("content-type"));
      const policy = response.headers.get("content-security-policy") ?? "";
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toContain("unsafe");
    }
    expect([...types.values()]).toEqual([
      "text/html; charset=utf-8",
      "text/javascript; charset=utf-8",
      "text/css; charset=utf-8",
      "image/svg+xml",
    ]);
  });

  it("name no other server, and are small", async () => {
    const page = await readPage(folder);
    const text = [...page.values()].map(({ body }) => Buffer.from(body).toString()).join("\n");
    // Names of XML are no places that anything is fetched from.
    const places = text.match(/(?:https?:)?\/\/[a-z0-9-]+\.[a-z.]+[^\s"'`)]*/g) ?? [];
    expect(places.filter((place) => !place.startsWith("http://www.w3.org/"))).toEqual([]);
    expect(text.length).toBeLessThan(120_000);
  });

  it("must have been built", async () => {
    await expect(readPage("/nowhere")).rejects.toThrow("ENOENT");
  });
});
