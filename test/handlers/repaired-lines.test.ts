import { aDelivery } from "../helpers/deliveries.ts";
import { forwarderRun } from "../helpers/forwarder-runs.ts";
import { anIntake } from "../helpers/intake.ts";
import { aPayload } from "../helpers/payloads.ts";

const METRIC = '{"m":"orders","v":1.5,"e":1795226069,"t":["a:b"]}';

describe("the forwarder, of lines that are damaged", () => {
  it("sends what is in them, and counts each repair in books that balance", async () => {
    const intake = await anIntake();
    const front = '{"timestamp":"2026-11-21T01:53:45.858Z","level":"INFO","message":';
    const cut = aPayload({ span_id: "3" });
    const lines = [
      `${aPayload({ span_id: "1" })}${METRIC}a log`,
      `${front}${aPayload({ span_id: "2" })}}`,
      cut.slice(0, 100),
      cut.slice(100),
      "another",
    ];
    const { ledger, error } = await forwarderRun(intake, aDelivery(lines));
    expect(error).toBeUndefined();
    expect(ledger).toMatchObject({
      events: 5,
      unpacked: 2,
      logs: 2,
      traceLines: 3,
      metricLines: 1,
      dropped: { joinedLine: 1 },
      repaired: { gluedLine: 1, wrappedLine: 1, cutLine: 1 },
      unaccounted: 0,
    });
    expect(intake.logs().map(({ message }) => message)).toEqual(["a log", "another"]);
    await intake.stop();
  });
});
