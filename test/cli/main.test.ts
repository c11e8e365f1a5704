import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { commands } from "../../src/cli/commands.ts";

const dist = path.join(__dirname, "../../dist/cli");

/** The built command, in a process of its own. */
describe("log-trace-forwarder", () => {
  it("is what package.json says, with its version", async () => {
    const { bin, version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(bin).toEqual({ "log-trace-forwarder": "dist/cli/main.mjs" });
    expect(await run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("has each command in a file of its own, which is loaded when it is called", async () => {
    const entry = readFileSync(path.join(dist, "main.mjs"), "utf8");
    expect(readdirSync(dist)).toEqual(expect.arrayContaining(Object.keys(commands).map((name) => `${name}.mjs`)));
    const eager = [...entry.matchAll(/^import .* from "([^"]+)"/gm)].map((match) => match[1] as string);
    expect(eager.filter((name) => !name.startsWith("node:"))).toEqual([]);
    expect(entry.length).toBeLessThan(10_000);
  });

  it("explains a sample event", async () => {
    const { code, stdout, stderr } = await run("explain", "events/decoded/not-a-trace.json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("it looks like a trace line of datadog, and is none: its JSON is cut short or damaged");
  });

  it("says what it has to say about AWS, and nothing of the age of Node", async () => {
    const { code, stderr } = await run("migrate", "--function", "DatadogForwarder");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "Error: cannot read the function DatadogForwarder: Region is missing\nSay which region: --region eu-west-1, or AWS_REGION\n",
    );
    expect(await run("subscribe", "--function", "forwarder", "--prefix", "/aws/", "--dry-run")).toMatchObject({
      code: 1,
      stderr:
        "Error: cannot read the function forwarder: Region is missing\nSay which region: --region eu-west-1, or AWS_REGION\n",
    });
  });

  it("ends with 1 and a remedy for what does not work, and with 2 for a wrong command line", async () => {
    expect(await run("explain", "nosuch.json")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^Error: cannot read nosuch\.json: ENOENT\nGive a file /),
    });
    expect(await run("migrate")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^Say which.*\n\nUsage/),
    });
    expect(await run("explode")).toMatchObject({ code: 2, stderr: expect.stringContaining('no command "explode"') });
  });
});

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH };
    execFile(process.execPath, [path.join(dist, "main.mjs"), ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
