import { OutOfTimeError, type Patience, patient, withBackOff } from "../../src/subscriptions/back-off.ts";
import { named } from "../helpers/log-groups.ts";

describe("calls with back-off", () => {
  it("are made again, with longer and longer pauses, until AWS answers", async () => {
    const { patience, slept } = aPatience();
    const call = failing(4, named("ThrottlingException"));
    expect(await withBackOff(call, patience)).toBe("answer");
    expect(slept).toEqual([200, 400, 800, 1_600]);
  });

  it.each([
    ["a throttled call", named("TooManyRequestsException")],
    ["two changes of one log group at once", named("OperationAbortedException")],
    ["a failure of the service", Object.assign(named("Unknown"), { $metadata: { httpStatusCode: 503 } })],
    ["a connection that broke", Object.assign(named("Error"), { code: "ECONNRESET" })],
  ])("try again after %s", async (_, error) => {
    expect(await withBackOff(failing(1, error), aPatience().patience)).toBe("answer");
  });

  it("end at once where trying again is in vain", async () => {
    const { patience, slept } = aPatience();
    const denied = named("AccessDeniedException");
    await expect(withBackOff(failing(1, denied), patience)).rejects.toBe(denied);
    expect(slept).toEqual([]);
  });

  it("end with AWS's error after ten attempts, no pause longer than ten seconds", async () => {
    const { patience, slept } = aPatience();
    await expect(withBackOff(failing(99, named("ThrottlingException")), patience)).rejects.toThrow(
      "ThrottlingException",
    );
    expect(slept).toHaveLength(9);
    expect(Math.max(...slept)).toBe(5_000);
  });

  it("do not wait past the time there is", async () => {
    const { patience, slept } = aPatience(300);
    await expect(withBackOff(failing(9, named("Throttling")), patience)).rejects.toThrow(OutOfTimeError);
    expect(slept).toEqual([200]);
  });

  it("are all calls of an API that is made patient", async () => {
    const api = { page: failing(2, named("ThrottlingException")) };
    expect(await patient(api, aPatience().patience).page()).toBe("answer");
  });
});

function aPatience(ms = Number.POSITIVE_INFINITY): { patience: Patience; slept: number[] } {
  const slept: number[] = [];
  const left = () => ms - slept.reduce((sum, each) => sum + each, 0);
  return { slept, patience: { msLeft: left, sleep: async (pause) => void slept.push(pause), random: () => 0.5 } };
}

/** A call that fails so often before it answers. */
function failing(times: number, error: Error): () => Promise<string> {
  let left = times;
  return async () => {
    if (left-- > 0) throw error;
    return "answer";
  };
}
