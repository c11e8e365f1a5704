import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = path.join(__dirname, "..");
const { dependencies } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

async function hashOfABuild(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "build-"));
  for (const name of ["src", "build.mjs", "package.json", "tsconfig.json"]) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  await run(process.execPath, ["build.mjs", "--quiet"], { cwd: folder });
  const zip = readFileSync(path.join(folder, "dist/forwarder.zip"));
  rmSync(folder, { recursive: true });
  return createHash("sha256").update(zip).digest("hex");
}

describe("the supply chain", () => {
  it("gives the same zip in two folders", async () => {
    const [one, other] = await Promise.all([hashOfABuild(), hashOfABuild()]);
    expect(one).toBe(other);
  });

  it("has a reason for each runtime dependency, and no other", () => {
    const page = readFileSync(path.join(root, "docs/supply-chain.md"), "utf8");
    const named = [...page.matchAll(/^\| `([@\w/-]+)` \| (.+) \|$/gm)].filter(([, name]) => !name?.startsWith("npm"));
    expect(named.map(([, name]) => name)).toEqual(Object.keys(dependencies).sort());
  });

  it("lists the packages in the zip with a version and a licence each", async () => {
    const { stdout } = await run(process.execPath, [path.join(root, "supply-chain/licences.mjs")]);
    const rows = stdout.trim().split("\n").slice(2);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter((row) => !/^\| [@\w/.-]+ \| \d+\.\d+\.\d+\S* \| [\w.()\- ]+ \|$/.test(row))).toEqual([]);
    expect(stdout).not.toContain("not said");
    expect(stdout).toContain("| re2js |");
    // What only tests and local commands need is not in it.
    for (const name of ["jest", "dd-trace", "protobufjs", "preact"]) expect(stdout).not.toContain(`| ${name} |`);
  });

  it("can be told as CycloneDX without a network", async () => {
    await run(process.execPath, [path.join(root, "supply-chain/sbom.mjs")]);
    const { bomFormat, components } = JSON.parse(readFileSync(path.join(root, "dist/sbom.json"), "utf8"));
    expect(bomFormat).toBe("CycloneDX");
    const told = components.map(({ purl }: { purl: string }) =>
      decodeURIComponent(purl).replace(/^pkg:npm\/|\?.*/g, ""),
    );
    const { stdout } = await run(process.execPath, [path.join(root, "supply-chain/licences.mjs")]);
    const listed = [...stdout.matchAll(/^\| (\S+) \| (\d\S*) \|/gm)].map(([, name, version]) => `${name}@${version}`);
    expect(new Set(told)).toEqual(new Set(listed));
  });
});

// Each runs other programs, which a busy machine gives little time.
jest.setTimeout(60_000);
