import { randomUUID } from "node:crypto";
import type { Subscribers } from "./logs.ts";
import { AwsError, NotEmulated, type Place, type Properties, type Service } from "./service.ts";

interface Rule {
  name: string;
  arn: string;
  properties: Properties;
}

export interface EventBridge extends Service {
  /**
   * Invokes the functions that are targets of a rule with a schedule, as when its time has come.
   *
   * A function that does not permit it is not invoked, and nobody is told, as in AWS.
   */
  runSchedules(): void;
  /** Invokes the functions that are targets of a rule whose pattern an event fulfils. */
  publish(event: Properties): void;
}

/** Rules of the default event bus that have a schedule or a pattern, and functions as targets. */
export function eventBridge({ region, accountId }: Place, functions: Subscribers): EventBridge {
  const rules = new Map<string, Rule>();

  return {
    contents: () => [...rules.keys()].map((name) => `rule ${name}`),
    answer: async (call) => {
      throw new NotEmulated(`EventBridge ${call.headers["x-amz-target"]}`);
    },

    runSchedules() {
      for (const rule of rules.values())
        if (rule.properties.ScheduleExpression) invokeTargets(rule, scheduledEvent(rule));
    },

    publish(event) {
      for (const rule of rules.values()) {
        const { EventPattern } = rule.properties;
        if (EventPattern && fulfils(event, EventPattern)) invokeTargets(rule, event);
      }
    },

    resourceTypes: {
      "AWS::Events::Rule": {
        create(properties, generatedName) {
          const name: string = properties.Name ?? generatedName.slice(0, 64);
          if (rules.has(name)) throw new AwsError("ResourceAlreadyExistsException", `There already is a rule ${name}.`);
          return put(name, properties);
        },
        update: put,
        replacedFor: ["Name"],
        delete(physicalId) {
          rules.delete(physicalId);
        },
      },
    },
  };

  function invokeTargets({ arn, properties }: Rule, event: object) {
    const { State = "ENABLED", Targets = [] } = properties;
    if (State !== "ENABLED") return;
    for (const { Arn, Input } of Targets) {
      if (!functions.mayBeInvoked(Arn, "events.amazonaws.com", arn)) continue;
      functions.invokeAsync(Arn, Input === undefined ? event : JSON.parse(Input));
    }
  }

  function put(name: string, properties: Properties) {
    refuseUnusable(properties);
    const arn = `arn:aws:events:${region}:${accountId}:rule/${name}`;
    rules.set(name, { name, arn, properties });
    return { physicalId: name, attributes: { Arn: arn } };
  }

  /** What a target without an input of its own gets. */
  function scheduledEvent({ arn }: Rule) {
    return {
      version: "0",
      id: randomUUID(),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: accountId,
      time: `${new Date().toISOString().slice(0, 19)}Z`,
      region,
      resources: [arn],
      detail: {},
    };
  }
}

/** Patterns of values and `exists`. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
function fulfils(event: Properties | undefined, pattern: Properties): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const value = event?.[key];
    if (!Array.isArray(wanted)) return fulfils(value, wanted);
    return wanted.some((one) => {
      if (typeof one !== "object" || one === null) return one === value;
      if (Object.keys(one).join() !== "exists") throw new NotEmulated(`the event pattern ${JSON.stringify(one)}`);
      return one.exists === (value !== undefined);
    });
  });
}

function refuseUnusable({ ScheduleExpression, EventPattern, EventBusName, Targets = [] }: Properties) {
  if (EventBusName) throw new NotEmulated("other event buses");
  if (ScheduleExpression?.startsWith("cron")) throw new NotEmulated("cron schedules");
  if (!ScheduleExpression && !EventPattern) {
    throw new AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (
    ScheduleExpression &&
    !/^rate\((?:1 (?:minute|hour|day)|(?!0|1 )\d+ (?:minutes|hours|days))\)$/.test(ScheduleExpression)
  ) {
    throw new AwsError("ValidationException", "Parameter ScheduleExpression is not valid.");
  }
  for (const { Arn, Input = "{}" } of Targets) {
    if (!Arn.includes(":lambda:")) throw new NotEmulated(`${Arn} as a target of a rule`);
    try {
      JSON.parse(Input);
    } catch {
      throw new AwsError("ValidationException", "Reason: Input is not valid JSON.");
    }
  }
}
