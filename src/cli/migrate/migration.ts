/** What becomes of each setting of a Datadog Forwarder. */
import { ConfigError, parseConfig, settings } from "../../config.ts";
import { checkPatterns } from "../../handlers/check-patterns.ts";
import { reasonWithoutEffect } from "../../handlers/without-effect.ts";
import { type KnownSetting, knownSettings } from "./known-settings.ts";
import type { OldForwarder } from "./old-forwarder.ts";

export interface Row {
  /** Where it was found: the function's environment, the stack, or the function's own configuration. */
  kind: "variable" | "parameter" | "function";
  name: string;
  /** Null where it is not shown. */
  value: string | null;
  status: Status;
  /** The parameter of serverless.yml that it becomes; "" = none. */
  ours: string;
  note: string;
}

/**
 * `differs`: on purpose, there is a better default here. `by hand`: a person has to decide or to write it.
 * `secret`: never shown or written.
 */
export type Status = "same" | "renamed" | "differs" | "secret" | "no effect" | "by hand" | "unknown";

export interface Migration {
  rows: Row[];
  /** What serverless.yml is to be given, by parameter; what is its default is not among it. */
  parameters: Record<string, string>;
  /** What a person has to add: a parameter, and what goes there. */
  missing: Record<string, string>;
  /** Whether the API key is in a secret that the old stack made, and takes with it. */
  isKeyInOldStack: boolean;
}

export interface OurParameters {
  /** Of serverless.yml, with their defaults. */
  defaults: ReadonlyMap<string, string>;
  /** Why those of the Datadog Forwarder's that are not among them do nothing. */
  legacy: Readonly<Record<string, string>>;
  /** What serverless would say of all parameters, a sentence each. */
  problemsWith(parameters: Readonly<Record<string, string | null>>): string[];
}

interface Given extends Pick<Row, "kind" | "name"> {
  value: string;
  known: KnownSetting | undefined;
}

type Judgement = Pick<Row, "status" | "note"> & { isShown?: false; takes?: string; ours?: string };

const KEY_PLACES = ["DdApiKeySecretArn", "DdApiKeySsmParameterName", "DdKmsApiKey"];
const SECRET_PLACEHOLDER = "<ARN of the secret with the API key>";

/** Each variable, parameter and property that was found gets one row. */
export function migrationOf(forwarder: OldForwarder, { defaults, legacy, problemsWith }: OurParameters): Migration {
  const { variables, parameters: ofStack } = forwarder;
  const parameters: Record<string, string> = {};
  const takenFrom = new Map<string, string>();
  const given = givenBy(forwarder);
  const keyPlace = keyPlaceOf(given, variables !== null);
  const rows = given.map((one): Row => {
    const { status, note, isShown, takes, ours = one.known?.ours ?? "" } = judge(one);
    const value = isShown === false ? null : one.value;
    const place = defaults.has(ours) ? ours : "";
    if (takes !== undefined && !takenFrom.has(ours)) {
      takenFrom.set(ours, one.name);
      if (takes !== defaults.get(ours)) parameters[ours] = takes;
    }
    return { kind: one.kind, name: one.name, value, status, ours: place, note };
  });
  rows.push(...absent());
  const missing = complete();
  takeBack();
  return { rows, parameters, missing, isKeyInOldStack: isKeyInOldStack() };

  /** What serverless would refuse. */
  function takeBack(): void {
    const usual = Object.fromEntries([...defaults].map(([name, value]) => [name, value || null]));
    for (;;) {
      const problems = problemsWith({ ...usual, ...parameters, ...missing });
      const refused = Object.keys(parameters).filter((name) => problems.some((problem) => isAbout(problem, name)));
      if (refused.length === 0) return;
      for (const name of refused) {
        delete parameters[name];
        const row = rows.find((it) => it.ours === name && takenFrom.get(name) === it.name);
        const note = problems.filter((problem) => isAbout(problem, name)).join(" ");
        if (row) Object.assign(row, { status: "by hand", note });
      }
    }
  }

  function judge(one: Given): Judgement {
    const { kind, name, value, known } = one;
    if (!known) {
      const note = "no setting of the Datadog Forwarder: ask who set it what for; its value is not shown";
      return { status: "unknown", note, isShown: false };
    }
    if (name === "DD_API_KEY" || name === "DdApiKey") return judgeKey(value);
    const isKey = mayBeKey(value) && known.ours !== "DdKmsApiKey";
    if (isKey || (known.ours === "DdKmsApiKey" && complaintsOf(known, value).problems.length > 0)) {
      const note = `has ${value.length} characters that are or may be a key, so it is neither shown nor written`;
      return { status: "by hand", note, isShown: false };
    }
    if (value === "" || value === known.unset) return { status: "same", note: "not set" };
    return special(one, known) ?? (defaults.has(known.ours) ? takeOver(one, known) : without(kind, name, known));
  }

  function judgeKey(value: string): Judgement {
    if (value === "") return { status: "secret", note: "not set", isShown: false };
    const note =
      keyPlace === "DdApiKey"
        ? "the key itself is neither shown nor written: put it into Secrets Manager, and give the secret's ARN as DdApiKeySecretArn"
        : `not used: ${keyPlace} wins`;
    return { status: "secret", note, isShown: false, ours: keyPlace === "DdApiKey" ? "DdApiKeySecretArn" : "" };
  }

  function without(kind: Row["kind"], name: string, known: KnownSetting): Judgement {
    const ofVariable = kind === "variable" ? name : (known.variables[0] ?? "");
    const reason =
      known.reason ??
      reasonWithoutEffect(ofVariable) ??
      legacy[known.parameters[0] ?? ""] ??
      "there is no such setting";
    return { status: "no effect", note: reason };
  }

  function special({ kind, name, value }: Given, known: KnownSetting): Judgement | undefined {
    switch (known.ours) {
      case "DdApiKeySecretArn":
        if (keyPlace !== known.ours || kind !== "variable" || !isKeyInOldStack()) return notTheKeyPlace(known);
        return {
          status: "by hand",
          note: "the old stack made this secret and deletes it with itself: put the key into one of your own",
        };
      case "FunctionName":
        return {
          status: "by hand",
          note: "two functions cannot have one name, and this one is deployed beside: tags and dashboards by forwardername see the new one",
        };
      case "DdForwarderBucketName":
        return { status: "by hand", note: "the name is taken while the old stack stands: give another, or none" };
      case "DdForwarderExistingBucketName":
        return judgeBucket(name, value);
      case "KmsKeyList":
      case "S3BucketArnList":
      case "SqsQueueArnList":
        return value === "*" ? { status: "same", note: "not set" } : undefined;
      case "DdStoreFailedEvents":
        if (isTrue(value)) return undefined;
        return {
          status: "differs",
          note: "true here: what an intake does not take is stored and sent again (docs/decisions/0010); DdStoreFailedEvents=false is as before",
        };
      case "DdScheduleRetryFailedEvents":
        if (isTrue(value)) return undefined;
        return { status: "differs", note: "every ten minutes here: RedriveIntervalInMinutes=0 is as before" };
      case "DdScheduleRetryInterval":
        if (value !== "6") return undefined;
        return { status: "differs", note: "every ten minutes here: DdScheduleRetryInterval=6 is as before" };
      case "DdHttpProxyURL":
        if (!value.includes("@")) return undefined;
        return {
          status: "secret",
          note: "has a user and password, so it is neither shown nor written: give it as DdHttpProxyURL",
          isShown: false,
        };
      default:
        return notTheKeyPlace(known);
    }
  }

  function notTheKeyPlace({ ours }: KnownSetting): Judgement | undefined {
    if (!KEY_PLACES.includes(ours) || ours === keyPlace) return undefined;
    return { status: "no effect", note: `${keyPlace} wins` };
  }

  function judgeBucket(name: string, value: string): Judgement {
    if (sqsQueue()) return { status: "no effect", note: "failed events are in the queue DdSqsQueueUrl" };
    const existing = ofStack?.DdForwarderExistingBucketName;
    if (name === "DdForwarderExistingBucketName" || existing === value) {
      const status = name === "DdForwarderExistingBucketName" ? "same" : "renamed";
      return { status, note: "keeps its folders by forwarder", takes: value };
    }
    return ofStack
      ? { status: "no effect", note: "the bucket is the old stack's: this forwarder makes its own", ours: "" }
      : {
          status: "by hand",
          note: "this forwarder makes a bucket of its own: DdForwarderExistingBucketName takes this one instead",
        };
  }

  function sqsQueue(): string | undefined {
    return variables ? variables.DD_SQS_QUEUE_URL : ofStack?.DdSqsQueueUrl;
  }

  function takeOver({ kind, name, value }: Given, known: KnownSetting): Judgement {
    const takes = isFlag(known.ours) ? String(isTrue(value)) : value;
    const { problems, warnings } = complaintsOf(known, value);
    if (problems.length > 0) return { status: "by hand", note: `cannot be used here: ${problems.join("; ")}` };
    if (/\$\{\w+[:(]/.test(value)) {
      return {
        status: "by hand",
        note: `has \${…}, which serverless would replace: set the variable in serverless.yml`,
      };
    }
    const isRead =
      kind === "variable" && Object.values(settings).some((it) => it.variables.some((its) => its === name));
    const status = isRead || name === known.ours ? "same" : "renamed";
    const counted = countedInstead(kind, known, takes);
    if (counted !== undefined) return { status: "no effect", note: counted };
    const notes = [...warnings, ...(takes === defaults.get(known.ours) ? ["the default"] : []), ...hints(known, value)];
    return { status, note: notes.join("; "), takes };
  }

  /** What decides in place of a setting that says something else; undefined where it decides itself. */
  function countedInstead(
    kind: Row["kind"],
    { ours, variables: names }: KnownSetting,
    takes: string,
  ): string | undefined {
    const first = takenFrom.get(ours);
    const isDecided = first !== undefined || (kind === "parameter" && names.length > 0 && variables !== null);
    if (!isDecided) return undefined;
    const counts = parameters[ours] ?? defaults.get(ours) ?? "";
    if (counts === takes) return undefined;
    return first === undefined
      ? `the function runs without ${names[0]}, and that counts`
      : `${first} says something else, and counts`;
  }

  function hints({ ours }: KnownSetting, value: string): string[] {
    if (ours === "DdApiKeySecretArn" && !/-[A-Za-z0-9]{6}$/.test(value)) {
      return ["the complete ARN is needed, with the six characters at its end"];
    }
    return [];
  }

  /** The variables that mean something by not being there. */
  function absent(): Row[] {
    if (!variables || variables.DD_FETCH_LAMBDA_TAGS !== undefined || defaults.get("DdFetchLambdaTags") !== "true")
      return [];
    parameters.DdFetchLambdaTags = "false";
    const note = "not set, which is false there and true here";
    return [
      { kind: "variable", name: "DD_FETCH_LAMBDA_TAGS", value: "", status: "same", ours: "DdFetchLambdaTags", note },
    ];
  }

  /** What serverless.yml asks for besides. */
  function complete(): Record<string, string> {
    const missing: Record<string, string> = {};
    if (!KEY_PLACES.some((place) => parameters[place])) missing.DdApiKeySecretArn = SECRET_PLACEHOLDER;
    if (parameters.DdKmsApiKey && !parameters.KmsKeyList)
      missing.KmsKeyList = "<ARN of the KMS key that encrypted the API key>";
    if (rows.some(({ ours, status }) => ours === "DdHttpProxyURL" && status === "secret")) {
      missing.DdHttpProxyURL = "<URL of the proxy, with its user and password>";
    }
    return missing;
  }

  function isKeyInOldStack(): boolean {
    if (!ofStack || !variables?.DD_API_KEY_SECRET_ARN) return false;
    const { DdApiKey, DdApiKeySecretArn = "" } = ofStack;
    return (
      DdApiKey !== undefined && (DdApiKeySecretArn === "" || DdApiKeySecretArn === "arn:aws:secretsmanager:DEFAULT")
    );
  }

  function isFlag(ours: string): boolean {
    const value = defaults.get(ours);
    return value === "true" || value === "false";
  }
}

function givenBy(forwarder: OldForwarder): Given[] {
  const { variables, parameters, memorySizeMB, timeoutSeconds, reservedConcurrency } = forwarder;
  const given: Given[] = [];
  const add = (kind: Row["kind"], name: string, value: string, known: KnownSetting | undefined): void => {
    given.push({ kind, name, value: value.trim() === "" ? "" : value, known });
  };
  const ofVariable = byName(({ variables: names }) => names);
  for (const [name, value] of inOrder(variables, ofVariable)) add("variable", name, value, ofVariable.get(name));
  const ofParameter = byName(({ parameters: names }) => names);
  const facts: [name: string, parameter: string, value: string | number | null][] = [
    ["MemorySize", "MemorySize", memorySizeMB],
    ["Timeout", "Timeout", timeoutSeconds],
    ["ReservedConcurrentExecutions", "ReservedConcurrency", reservedConcurrency],
    ["VpcConfig.SubnetIds", "VPCSubnetIds", forwarder.subnetIds.join(",") || null],
    ["VpcConfig.SecurityGroupIds", "VPCSecurityGroupIds", forwarder.securityGroupIds.join(",") || null],
  ];
  for (const [name, parameter, value] of facts) {
    if (value !== null) add("function", name, String(value), ofParameter.get(parameter));
  }
  for (const [name, value] of inOrder(parameters, ofParameter)) add("parameter", name, value, ofParameter.get(name));
  return given;
}

function byName(names: (setting: KnownSetting) => readonly string[]): Map<string, KnownSetting> {
  return new Map(knownSettings.flatMap((setting) => names(setting).map((name) => [name, setting] as const)));
}

/** In the order of the list of settings; those that are not in it at the end. */
function inOrder(given: Record<string, string> | null, known: Map<string, KnownSetting>): [string, string][] {
  const order = [...known.keys()];
  const place = (name: string): number => (known.has(name) ? order.indexOf(name) : order.length);
  return Object.entries(given ?? {}).sort(([a], [b]) => place(a) - place(b));
}

/** The parameter that says where the API key is: the function's order of them, else the template's. */
function keyPlaceOf(given: readonly Given[], hasVariables: boolean): string {
  const order = hasVariables
    ? ["DD_API_KEY_SECRET_ARN", "DD_API_KEY_SSM_NAME", "DD_KMS_API_KEY"]
    : ["DdApiKeySsmParameterName", "DdApiKeySecretArn"];
  for (const place of order) {
    const found = given.find(({ name, value, known }) => name === place && value !== "" && value !== known?.unset);
    if (found) return found.known?.ours ?? "";
  }
  return "DdApiKey";
}

/** What the function would say of a value, with no secret in it. */
function complaintsOf(
  { variables: [variable] }: KnownSetting,
  value: string,
): { problems: string[]; warnings: string[] } {
  if (variable === undefined) return { problems: [], warnings: [] };
  // The deployment gives it a key and a bucket.
  const env = { DD_API_KEY: "0".repeat(32), DD_S3_BUCKET_NAME: "failed-events", [variable]: value };
  try {
    const { warnings } = parseConfig(env, checkPatterns(env));
    return { problems: [], warnings: warnings.filter((warning) => warning.startsWith(variable)) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems, warnings: [] };
  }
}

function isAbout(problem: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(problem);
}

/** Datadog's keys are 32 hex digits; somebody may have put one where it does not belong. */
function mayBeKey(value: string): boolean {
  return /(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])|^[0-9a-z]{32}$/i.test(value.trim());
}

function isTrue(value: string): boolean {
  return value.trim().toLowerCase() === "true";
}
