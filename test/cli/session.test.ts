import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Session, startSession } from "../../src/cli/session.ts";
import { StartError } from "../../src/cli/start-error.ts";
import { startIntake } from "../../src/viewer/intake.ts";
import { aFolder, cleanUp, hostModule } from "./a-function.ts";

let session: Session | undefined;
afterEach(async () => {
  await session?.stop();
  session = undefined;
  await cleanUp();
});

describe("a session with something wrong", () => {
  it("says how to build the forwarder when it is missing", async () => {
    const error = await failure(startSession({ root: aFolder({}), hostModule, port: 0 }));
    expect(error.message).toBe("dist/forwarder.mjs is missing");
    expect(error.remedy).toContain("npm run build");
  });

  it("says how to choose another port when the port is in use", async () => {
    const other = await startIntake();
    const error = await failure(startSession({ root: aRoot(""), hostModule, port: other.port }));
    await other.close();
    expect(error.message).toBe(`port ${other.port} is in use`);
    expect(error.remedy).toContain("--port");
  });

  it("says why the forwarder does not start, with its log", async () => {
    const root = aRoot("console.log('reading settings'); throw new TypeError('bad settings');");
    const error = await failure(startSession({ root, hostModule, port: 0 }));
    expect(error.message).toBe("the forwarder does not start: bad settings");
    expect(error.remedy).toMatch(/INFO\treading settings\n.*ERROR\tUncaught Exception/);
  });

  it("says why the forwarder failed, with its log", async () => {
    const code = "export const handler = async () => { console.log('sending'); throw new RangeError('too far'); };";
    session = await startSession({ root: aRoot(code), hostModule, port: 0 });
    const error = await failure(session.runRound());
    expect(error.message).toBe("the forwarder failed: RangeError: too far");
    expect(error.remedy).toMatch(/INFO\tsending\n/);
  });

  it("says what arrived instead of the trace, and why requests were refused", async () => {
    const code = `export const handler = async () => {
      const url = "http://127.0.0.1:" + process.env.DD_PORT + "/api/v2/logs";
      await fetch(url, { method: "POST", headers: { "dd-api-key": process.env.DD_API_KEY }, body: '[{"message":"a"}]' });
      await fetch(process.env.DD_TRACE_INTAKE_URL + "/api/v0.2/traces", { method: "POST" });
    };`;
    session = await startSession({ root: aRoot(code), hostModule, port: 0, patienceMs: 100 });
    const error = await failure(session.runRound());
    expect(error.message).toBe("the trace did not arrive within 0.1 seconds; the intake got 0 spans and 2 logs");
    expect(error.remedy).toContain("POST /api/v0.2/traces: 403 no DD-API-KEY header");
  });
});

async function failure(promise: Promise<unknown>): Promise<StartError> {
  const error = await promise.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StartError);
  return error as StartError;
}

/** A folder like this repository, with this source as its built forwarder. */
function aRoot(forwarder: string): string {
  const root = aFolder({});
  mkdirSync(path.join(root, "dist"));
  writeFileSync(path.join(root, "dist", "forwarder.mjs"), forwarder);
  for (const name of ["examples", "node_modules"]) symlinkSync(path.resolve(name), path.join(root, name));
  return root;
}
