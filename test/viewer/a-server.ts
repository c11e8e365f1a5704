import { type Intake, type IntakeSettings, startIntake } from "../../src/viewer/intake.ts";

const running: Intake[] = [];

/** An intake on a port of its own. End those of a test with `stopAll`. */
export async function aServer(settings: IntakeSettings = {}): Promise<Intake> {
  const intake = await startIntake(settings);
  running.push(intake);
  return intake;
}

export async function stopAll(): Promise<void> {
  await Promise.all(running.splice(0).map((intake) => intake.close()));
}

/** The JSON of an answer, which must have this status. */
export async function get<Answer>(intake: Intake, path: string, status = 200): Promise<Answer> {
  const response = await fetch(intake.url + path);
  const text = await response.text();
  expect([response.status, text]).toEqual([status, expect.any(String)]);
  return JSON.parse(text) as Answer;
}

export async function post(
  intake: Intake,
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(intake.url + path, { method: "POST", headers: { "dd-api-key": "k", ...headers }, body: body as string });
}
