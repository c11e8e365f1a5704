import { randomBytes } from "node:crypto";
import { AwsError, NotEmulated, type Place, type Properties, type Service } from "./service.ts";

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  /** Operator → condition key → the values of which one must match. */
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface Iam extends Service {
  /** The access key of a role: a function's calls come with it. */
  accessKeyOf(roleArn: string): string;
  /**
   * Lets every call of a person pass, and a call of a role when a statement allows this action on this resource.
   *
   * @param context the condition keys that the call has values for, such as `s3:prefix`
   * @throws {AwsError} AccessDeniedException
   */
  authorize(accessKeyId: string, action: string, resource: string, context?: Record<string, string>): void;
}

/** Roles, and the `Allow` statements of their inline policies. */
export function iam({ accountId }: Place): Iam {
  const roles = new Map<string, { accessKeyId: string; statements: Statement[] }>();

  return {
    contents: () => [...roles.keys()].map((arn) => `role ${arn}`),
    answer: async (call) => {
      throw new NotEmulated(`IAM ${call.path}`);
    },

    accessKeyOf(roleArn) {
      const role = roles.get(roleArn);
      if (!role) throw new AwsError("InvalidParameterValueException", `There is no role ${roleArn}.`);
      return role.accessKeyId;
    },

    authorize(accessKeyId, action, resource, context = {}) {
      const role = [...roles].find(([, { accessKeyId: own }]) => own === accessKeyId);
      if (!role) return;
      const [arn, { statements }] = role;
      const allowed = statements.some(
        ({ Effect, Action, Resource, Condition = {} }) =>
          Effect === "Allow" &&
          matchesAny(Action, action) &&
          matchesAny(Resource, resource) &&
          Object.entries(Condition).every(([operator, keys]) => holds(operator, keys, context)),
      );
      if (allowed) return;
      throw new AwsError("AccessDeniedException", `${arn} is not authorized to perform ${action} on ${resource}`);
    },

    resourceTypes: {
      "AWS::IAM::Role": {
        create(properties, generatedName) {
          const name: string = properties.RoleName ?? generatedName;
          const arn = `arn:aws:iam::${accountId}:role/${name}`;
          roles.set(arn, { accessKeyId: newAccessKeyId(), statements: statementsOf(properties) });
          return { physicalId: name, attributes: { Arn: arn } };
        },
        update(physicalId, properties) {
          const arn = `arn:aws:iam::${accountId}:role/${physicalId}`;
          roles.set(arn, {
            accessKeyId: roles.get(arn)?.accessKeyId ?? newAccessKeyId(),
            statements: statementsOf(properties),
          });
          return { physicalId, attributes: { Arn: arn } };
        },
        replacedFor: ["RoleName"],
        delete(physicalId) {
          roles.delete(`arn:aws:iam::${accountId}:role/${physicalId}`);
        },
      },
    },
  };
}

function newAccessKeyId(): string {
  return `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
}

function statementsOf({ Policies = [] }: Properties): Statement[] {
  return Policies.flatMap((policy: Properties) => {
    const { Statement: statements } = policy.PolicyDocument;
    if (statements.length === 0) {
      throw new AwsError("MalformedPolicyDocument", `Policy ${policy.PolicyName} has no statement.`);
    }
    return statements;
  });
}

/** A key that the call has no value for fulfils nothing. */
function holds(operator: string, keys: Record<string, string | string[]>, context: Record<string, string>): boolean {
  if (operator !== "StringEquals" && operator !== "StringLike") throw new NotEmulated(`the condition ${operator}`);
  return Object.entries(keys).every(([key, values]) => {
    const value = context[key];
    if (value === undefined) return false;
    return operator === "StringLike" ? matchesAny(values, value) : [values].flat().includes(value);
  });
}

function matchesAny(patterns: string | string[], text: string): boolean {
  return [patterns].flat().some((pattern) => wildcard(pattern).test(text));
}

/** IAM's `*`, as in ARNs of policies. */
export function wildcard(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${escaped}$`);
}
