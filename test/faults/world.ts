/** Lambda, the intakes, S3 and what happened between them: empty and without faults. */
import { A_KEY } from "../helpers/telemetry.ts";
import { OTLP } from "./backends.ts";
import { Bucket } from "./bucket.ts";
import { Faults } from "./faults.ts";
import { type History, newHistory } from "./history.ts";
import { Intake } from "./intake.ts";
import { Lambda, type LambdaSettings } from "./lambda.ts";

export interface World {
  lambda: Lambda;
  intake: Intake;
  /** Absent: the function sends to Datadog alone. */
  otlp: Intake | undefined;
  bucket: Bucket;
  faults: Faults;
  history: History;
  /** The API keys that the intake knows. */
  keys: Set<string>;
  /** The same world around a function of other settings. */
  withSettings(settings: Pick<LambdaSettings, "environment" | "tls">): Lambda;
  stop(): Promise<void>;
}

interface WorldSettings extends Pick<LambdaSettings, "environment" | "tls" | "msLeft"> {
  /** Whether there is an OTLP backend beside Datadog. */
  hasOtlp?: boolean | undefined;
}

/** Its bucket does not exist before `bucket.create()`. */
export function aWorld({ hasOtlp, ...settings }: WorldSettings = {}): World {
  const history = newHistory();
  const faults = new Faults();
  const keys = new Set([A_KEY]);
  const intake = new Intake(history, faults, keys);
  const otlp = hasOtlp ? new Intake(history, faults, keys, OTLP) : undefined;
  const bucket = new Bucket(history, faults);
  const lambdas: Lambda[] = [];
  const withSettings = (settings: Partial<LambdaSettings>): Lambda => {
    const lambda = new Lambda({ history, intake, otlp, bucket, ...settings });
    lambdas.push(lambda);
    return lambda;
  };
  const lambda = withSettings(settings);
  const stop = async (): Promise<void> => {
    await Promise.all(lambdas.map((lambda) => lambda.stop()));
  };
  return { lambda, intake, otlp, bucket, faults, history, keys, withSettings, stop };
}
