/** Lambda, the intakes, S3 and what happened between them: empty and without faults. */
import { A_KEY } from "../helpers/telemetry.ts";
import { Bucket } from "./bucket.ts";
import { Faults } from "./faults.ts";
import { type History, newHistory } from "./history.ts";
import { Intake } from "./intake.ts";
import { Lambda, type LambdaSettings } from "./lambda.ts";

export interface World {
  lambda: Lambda;
  intake: Intake;
  bucket: Bucket;
  faults: Faults;
  history: History;
  /** The API keys that the intake knows. */
  keys: Set<string>;
  /** The same world around a function of other settings. */
  withSettings(settings: Pick<LambdaSettings, "environment" | "tls">): Lambda;
  stop(): Promise<void>;
}

/** Its bucket does not exist before `bucket.create()`. */
export function aWorld(settings: Pick<LambdaSettings, "environment" | "tls" | "msLeft"> = {}): World {
  const history = newHistory();
  const faults = new Faults();
  const keys = new Set([A_KEY]);
  const intake = new Intake(history, faults, keys);
  const bucket = new Bucket(history, faults);
  const lambdas: Lambda[] = [];
  const withSettings = (settings: Partial<LambdaSettings>): Lambda => {
    const lambda = new Lambda({ history, intake, bucket, ...settings });
    lambdas.push(lambda);
    return lambda;
  };
  const lambda = withSettings(settings);
  const stop = async (): Promise<void> => {
    await Promise.all(lambdas.map((lambda) => lambda.stop()));
  };
  return { lambda, intake, bucket, faults, history, keys, withSettings, stop };
}
