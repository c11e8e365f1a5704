/** How two items of Datadog's logs intake differ, field by field. Contents never show: names of fields and kinds alone. */

/** `changed`: both have it; `order`: the same tags in another order. */
export type DifferenceKind = "changed" | "only ours" | "only theirs" | "order";

export interface ItemDifference {
  /** `ddsource`, `aws.awslogs.logGroup`, `ddtags.env`, …; what is named by contents is `other` or `ddtags.other`. */
  field: string;
  kind: DifferenceKind;
}

type Item = Readonly<Record<string, unknown>>;

const FIELDS = new Set([
  ...["id", "timestamp", "message", "ddsource", "ddsourcecategory", "service", "host", "lambda.arn", "dd", "sampling"],
  ...["aws.awslogs.logGroup", "aws.awslogs.logStream", "aws.awslogs.owner", "aws.invoked_function_arn"],
  ...["aws.function_version", "truncated"],
]);
const TAGS = new Set([
  ...["forwardername", "forwarder_version", "source_overridden", "env", "aws_account", "functionname", "region"],
  "service",
]);
/** Ours alone has these, each as a whole. */
const WHOLE = new Set(["dd", "sampling"]);

/**
 * None where they say the same; each field at most once for each kind.
 *
 * @param leaveOut fields that are not compared
 */
export function differencesOf(ours: Item, theirs: Item, leaveOut: ReadonlySet<string>): ItemDifference[] {
  const found = new Map<string, ItemDifference>();
  const note = (field: string, kind: DifferenceKind): void => {
    if (!leaveOut.has(field)) found.set(`${field} ${kind}`, { field, kind });
  };
  const [left, right] = [leavesOf(ours), leavesOf(theirs)];
  for (const field of new Set([...left.keys(), ...right.keys()])) {
    if (field === "ddtags") continue;
    const name = FIELDS.has(field) ? field : "other";
    if (!right.has(field)) note(name, "only ours");
    else if (!left.has(field)) note(name, "only theirs");
    else if (!isSame(field, left.get(field), right.get(field))) note(name, "changed");
  }
  compareTags(String(left.get("ddtags") ?? ""), String(right.get("ddtags") ?? ""), note);
  return [...found.values()];
}

function compareTags(ours: string, theirs: string, note: (field: string, kind: DifferenceKind) => void): void {
  if (ours === theirs) return;
  const [left, right] = [byKey(ours), byKey(theirs)];
  let isSameSet = true;
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const [mine, other] = [left.get(key), right.get(key)];
    if (mine === other) continue;
    isSameSet = false;
    const kind = other === undefined ? "only ours" : mine === undefined ? "only theirs" : "changed";
    note(`ddtags.${TAGS.has(key) ? key : "other"}`, kind);
  }
  if (isSameSet) note("ddtags", "order");
}

/** All values of each key, in order. */
function byKey(ddtags: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const tag of ddtags.split(",").sort()) {
    const [key = ""] = tag.split(":", 1);
    tags.set(key, `${tags.get(key) ?? ""},${tag}`);
  }
  return tags;
}

/** Values by their path. An item nests three deep at most where both say something. */
function leavesOf(item: Item): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  visit(item, "", 0);
  return leaves;

  function visit(value: Item, path: string, depth: number): void {
    for (const [key, inner] of Object.entries(value)) {
      // What JSON leaves out.
      if (inner === undefined) continue;
      const isNested = typeof inner === "object" && inner !== null && depth < 2 && !WHOLE.has(path + key);
      if (isNested) visit(inner as Item, `${path}${key}.`, depth + 1);
      else leaves.set(path + key, inner);
    }
  }
}

/** Messages that are JSON are the same when their values are: one of the two was written again. */
function isSame(field: string, ours: unknown, theirs: unknown): boolean {
  if (ours === theirs || JSON.stringify(ours) === JSON.stringify(theirs)) return true;
  if (field !== "message" || typeof ours !== "string" || typeof theirs !== "string") return false;
  try {
    return JSON.stringify(JSON.parse(ours)) === JSON.stringify(JSON.parse(theirs));
  } catch {
    return false;
  }
}
