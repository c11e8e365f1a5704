import { gzipSync } from "node:zlib";
import type { Iam } from "./iam.ts";
import { type LiveTail, liveTail } from "./live-tail.ts";
import { answerJson, operationOf } from "./protocols.ts";
import {
  type AwsAnswer,
  type AwsCall,
  AwsError,
  NotEmulated,
  type Place,
  type Properties,
  type Service,
} from "./service.ts";

interface LogEvent {
  /** Only ever grows, so that it also gives the order of arrival. */
  id: string;
  timestamp: number;
  message: string;
}

interface SubscriptionFilter {
  filterName: string;
  destinationArn: string;
}

/** A subscription filter policy of the account. */
interface AccountPolicy {
  policyName: string;
  policyDocument: string;
  selectionCriteria: string;
  destinationArn: string;
  excluded: string[];
}

interface LogGroup {
  created: number;
  logGroupClass: string;
  retentionInDays: number | undefined;
  streams: Map<string, LogEvent[]>;
  filters: SubscriptionFilter[];
  tags: Record<string, string>;
}

/** How log events get to the functions that are subscribed. */
export interface Subscribers {
  mayBeInvoked(functionArn: string, principal: string, sourceArn: string): boolean;
  invokeAsync(functionArn: string, event: unknown): void;
}

export interface Logs extends Service {
  /** What Lambda does with a line of a function. Without the log group it is lost, as it is in AWS. */
  write(logGroup: string, logStream: string, event: { timestamp: number; message: string }): void;
  /** Refuses the next calls of an operation, as when too many come at once. */
  throttle(operation: string, times: number): void;
  /** Hears of every log group that is made. */
  onCreated(listener: (logGroup: string) => void): void;
  liveTail: LiveTail;
  /** What a page of FilterLogEvents and of DescribeLogGroups has at most. */
  pages: { size: number };
  /** Answers the next calls of an operation with an error. */
  failNext(operation: string, error: AwsError, times?: number): void;
  /** How often an operation was called. */
  calls(operation: string): number;
  /** Hears of every call of an operation before it is answered. @param count of its calls, this one included */
  onCall(operation: string, listener: (count: number) => void): void;
}

// CloudWatch Logs counts a batch by its UTF-8 bytes and 26 for each event.
const maxBatch = { events: 10_000, bytes: 1_048_576, bytesPerEvent: 26 };
const maxFiltersPerGroup = 2;
const maxPage = 50;
const maxCriteriaBytes = 25_000;

/** Log groups, and subscription filters that let every event pass and have a function as destination. */
export function cloudWatchLogs({ region, accountId }: Place, subscribers: Subscribers, iam?: Iam): Logs {
  const groups = new Map<string, LogGroup>();
  const throttled = new Map<string, number>();
  const policies = new Map<string, AccountPolicy>();
  let created: (logGroup: string) => void = () => undefined;
  // The ids of real events have 56 digits.
  let lastId = 36_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000n;

  const tail = liveTail();
  const failures = new Map<string, AwsError[]>();
  const counts = new Map<string, number>();
  const listeners = new Map<string, (count: number) => void>();

  const pages = { size: 10_000 };

  return {
    liveTail: tail,
    pages,
    failNext(operation, error, times = 1) {
      failures.set(operation, Array(times).fill(error));
    },
    calls: (operation) => counts.get(operation) ?? 0,
    onCall: (operation, listener) => void listeners.set(operation, listener),
    contents: () => [
      ...[...groups].flatMap(([name, { filters }]) => [
        `log group ${name}`,
        ...filters.map(({ destinationArn }) => `subscription of ${name} to ${destinationArn}`),
      ]),
      ...[...policies.values()].map(({ destinationArn }) => `subscription of the account to ${destinationArn}`),
    ],

    throttle: (operation, times) => void throttled.set(operation, times),
    onCreated(listener) {
      created = listener;
    },

    write(logGroup, logStream, event) {
      const group = groups.get(logGroup);
      if (!group) return;
      if (!group.streams.has(logStream)) group.streams.set(logStream, []);
      put(logGroup, logStream, [event]);
    },

    answer: (call) =>
      failing(call) ??
      tailing(call) ??
      answerJson(call, {
        CreateLogGroup({ logGroupName, logGroupClass, tags }) {
          create(logGroupName, undefined, logGroupClass);
          Object.assign(find(logGroupName).tags, tags);
          created(logGroupName);
        },
        DeleteLogGroup({ logGroupName }) {
          find(logGroupName);
          groups.delete(logGroupName);
        },
        DescribeLogGroups(
          { logGroupNamePrefix = "", logGroupNamePattern = "", limit = maxPage, nextToken = "" },
          { accessKeyId },
        ) {
          iam?.authorize(accessKeyId, "logs:DescribeLogGroups", arnOf(""));
          if (limit < 1 || limit > maxPage) throw invalid("limit must be from 1 to 50.");
          const found = [...groups]
            .filter(([name]) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern))
            .sort(([a], [b]) => (a < b ? -1 : 1));
          const rest = found.filter(([name]) => name > nextToken);
          const size = Math.min(limit, pages.size);
          const page = rest.slice(0, size);
          return {
            logGroups: page.map(([logGroupName, { created: creationTime, retentionInDays, logGroupClass }]) => ({
              logGroupName,
              creationTime,
              retentionInDays,
              logGroupClass,
              arn: `${arnOf(logGroupName)}:*`,
              logGroupArn: arnOf(logGroupName),
            })),
            nextToken: rest.length > size ? page.at(-1)?.[0] : undefined,
          };
        },

        CreateLogStream({ logGroupName, logStreamName }) {
          const { streams } = find(logGroupName);
          if (streams.has(logStreamName)) {
            throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
          }
          streams.set(logStreamName, []);
        },
        DescribeLogStreams: ({ logGroupName, logStreamNamePrefix = "" }) => ({
          logStreams: [...find(logGroupName).streams]
            .filter(([name]) => name.startsWith(logStreamNamePrefix))
            .map(([logStreamName, events]) => ({ logStreamName, lastEventTimestamp: events.at(-1)?.timestamp })),
        }),

        PutLogEvents({ logGroupName, logStreamName, logEvents }) {
          refuseUnusable(logEvents);
          put(logGroupName, logStreamName, logEvents);
          return { nextSequenceToken: String(lastId) };
        },
        GetLogEvents: ({ logGroupName, logStreamName }) => ({ events: eventsOf(logGroupName, logStreamName) }),
        FilterLogEvents: ({ logGroupName, logGroupIdentifier, logStreamNames, startTime = 0, nextToken }) =>
          page(
            "events",
            [...find(logGroupName ?? nameIn(logGroupIdentifier)).streams]
              .filter(([name]) => logStreamNames?.includes(name) ?? true)
              .flatMap(([logStreamName, events]) =>
                events.map(({ id, ...event }) => ({ eventId: id, logStreamName, ...event })),
              )
              .filter(({ timestamp }) => timestamp >= startTime)
              .sort((a, b) => (a.eventId < b.eventId ? -1 : 1)),
            nextToken,
          ),

        PutSubscriptionFilter({ logGroupName, filterName, filterPattern, destinationArn }, { accessKeyId }) {
          iam?.authorize(accessKeyId, "logs:PutSubscriptionFilter", arnOf(logGroupName));
          subscribe(logGroupName, filterName, filterPattern, destinationArn);
        },
        TagResource({ resourceArn, tags }) {
          Object.assign(find(nameIn(resourceArn)).tags, tags);
        },
        ListTagsForResource({ resourceArn }, { accessKeyId }) {
          iam?.authorize(accessKeyId, "logs:ListTagsForResource", resourceArn);
          return { tags: find(nameIn(resourceArn)).tags };
        },
        DescribeSubscriptionFilters({ logGroupName }, { accessKeyId }) {
          iam?.authorize(accessKeyId, "logs:DescribeSubscriptionFilters", arnOf(logGroupName));
          return {
            subscriptionFilters: find(logGroupName).filters.map((filter) => ({
              ...filter,
              logGroupName,
              filterPattern: "",
              distribution: "ByLogStream",
            })),
          };
        },
        DescribeAccountPolicies: ({ policyType }) => ({
          accountPolicies: [...policies.values()].map(({ policyName, policyDocument, selectionCriteria }) => ({
            ...{ policyName, policyDocument, policyType, selectionCriteria, accountId, scope: "ALL" },
          })),
        }),
        DeleteSubscriptionFilter({ logGroupName, filterName }, { accessKeyId }) {
          iam?.authorize(accessKeyId, "logs:DeleteSubscriptionFilter", arnOf(logGroupName));
          unsubscribe(logGroupName, filterName);
        },
        ...(isThrottled(operationOf(call)) && { [operationOf(call)]: refuse }),
      }),

    resourceTypes: {
      "AWS::Logs::LogGroup": {
        create({ LogGroupName, RetentionInDays }, generatedName) {
          const name: string = LogGroupName ?? generatedName;
          create(name, RetentionInDays);
          created(name);
          return logGroupResource(name);
        },
        update(physicalId, { RetentionInDays }) {
          find(physicalId).retentionInDays = RetentionInDays;
          return logGroupResource(physicalId);
        },
        replacedFor: ["LogGroupName"],
        delete(physicalId) {
          groups.delete(physicalId);
        },
      },
      "AWS::Logs::SubscriptionFilter": {
        create({ LogGroupName, FilterName, FilterPattern, DestinationArn }, generatedName) {
          const name: string = FilterName ?? generatedName;
          subscribe(LogGroupName, name, FilterPattern, DestinationArn);
          return { physicalId: name };
        },
        delete(physicalId, { LogGroupName }: Properties) {
          // CloudFormation takes a filter that is not there for deleted.
          if (groups.get(LogGroupName)?.filters.some(({ filterName }) => filterName === physicalId)) {
            unsubscribe(LogGroupName, physicalId);
          }
        },
      },
      "AWS::Logs::AccountPolicy": {
        create: putPolicy,
        update: (_physicalId, properties) => putPolicy(properties),
        replacedFor: ["PolicyName", "PolicyType"],
        delete(physicalId) {
          policies.delete(physicalId);
        },
      },
    },
  };

  function failing(call: AwsCall): Promise<AwsAnswer> | undefined {
    const operation = operationOf(call);
    const count = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, count);
    listeners.get(operation)?.(count);
    const failure = failures.get(operation)?.shift();
    return failure && answerJson(call, { [operation]: () => Promise.reject(failure) });
  }

  function tailing(call: AwsCall): Promise<AwsAnswer> | undefined {
    if (operationOf(call) !== "StartLiveTail") return undefined;
    const { logGroupIdentifiers: arns } = JSON.parse(call.body.toString()) as { logGroupIdentifiers: string[] };
    const StartLiveTail = (): void => {
      if (arns.length > 10) throw new AwsError("InvalidParameterException", "At most 10 log groups.");
      if (arns.some((arn) => find(nameIn(arn)).logGroupClass !== "STANDARD")) {
        throw new AwsError("InvalidOperationException", "Live Tail is not for this log group class.");
      }
    };
    return answerJson(call, { StartLiveTail }).then((answer) => (answer.status === 200 ? tail.start(arns) : answer));
  }

  /** A token is the place of the next item. */
  function page<Item>(name: string, items: Item[], token = "0"): object {
    const end = Number(token) + pages.size;
    return { [name]: items.slice(Number(token), end), ...(end < items.length && { nextToken: String(end) }) };
  }

  function put(logGroup: string, logStream: string, events: Omit<LogEvent, "id">[]) {
    const stored = eventsOf(logGroup, logStream);
    const logEvents = events.map(({ timestamp, message }) => ({ id: String(++lastId), timestamp, message }));
    stored.push(...logEvents);
    tail.update(arnOf(logGroup), `${accountId}:${logGroup}`, logStream, logEvents);
    const ofAccount = [...policies.values()]
      .filter(({ excluded }) => !excluded.includes(logGroup))
      .map(({ policyName, destinationArn }) => ({ filterName: policyName, destinationArn }));
    for (const { filterName, destinationArn } of [...find(logGroup).filters, ...ofAccount]) {
      if (!destinationArn.includes(":lambda:") || !mayDeliver(logGroup, destinationArn)) continue;
      subscribers.invokeAsync(
        destinationArn,
        delivery({ logGroup, logStream, subscriptionFilters: [filterName], logEvents }),
      );
    }
  }

  function delivery(content: object) {
    const json = JSON.stringify({ messageType: "DATA_MESSAGE", owner: accountId, ...content });
    return { awslogs: { data: gzipSync(json).toString("base64") } };
  }

  function subscribe(logGroupName: string, filterName: string, filterPattern: string, destinationArn: string) {
    const group = find(logGroupName);
    if (filterPattern) throw new NotEmulated(`filter patterns such as ${filterPattern}`);
    // Streams take whatever comes; nobody reads them.
    if (destinationArn.includes(":lambda:") && !mayDeliver(logGroupName, destinationArn)) {
      throw new AwsError(
        "InvalidParameterException",
        "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.",
      );
    }
    const others = group.filters.filter((filter) => filter.filterName !== filterName);
    if (others.length >= maxFiltersPerGroup) throw new AwsError("LimitExceededException", "Resource limit exceeded.");
    group.filters = [...others, { filterName, destinationArn }];
  }

  function unsubscribe(logGroupName: string, filterName: string) {
    const group = find(logGroupName);
    const rest = group.filters.filter((filter) => filter.filterName !== filterName);
    if (rest.length === group.filters.length) {
      throw new AwsError("ResourceNotFoundException", "The specified subscription filter does not exist.");
    }
    group.filters = rest;
  }

  function mayDeliver(logGroup: string, destinationArn: string): boolean {
    return ["logs.amazonaws.com", `logs.${region}.amazonaws.com`].some((principal) =>
      subscribers.mayBeInvoked(destinationArn, principal, `${arnOf(logGroup)}:*`),
    );
  }

  function putPolicy({ PolicyName, PolicyType, PolicyDocument, SelectionCriteria = "" }: Properties) {
    if (PolicyType !== "SUBSCRIPTION_FILTER_POLICY") throw new NotEmulated(`account policies of type ${PolicyType}`);
    const { DestinationArn, FilterPattern } = JSON.parse(PolicyDocument);
    if (FilterPattern) throw new NotEmulated(`filter patterns such as ${FilterPattern}`);
    const [, list] = /^LogGroupName NOT IN (\[.*\])$/.exec(SelectionCriteria) ?? [];
    if (SelectionCriteria && !list) throw invalid("The selection criteria are not valid.");
    if (Buffer.byteLength(SelectionCriteria) > maxCriteriaBytes) throw invalid("The selection criteria are too long.");
    if ([...policies.keys()].some((name) => name !== PolicyName)) {
      throw new AwsError("LimitExceededException", "Resource limit exceeded.");
    }
    if (!mayDeliver("any", DestinationArn)) throw invalid("Could not execute the lambda function.");
    policies.set(PolicyName, {
      policyName: PolicyName,
      policyDocument: PolicyDocument,
      selectionCriteria: SelectionCriteria,
      destinationArn: DestinationArn,
      excluded: JSON.parse(list ?? "[]"),
    });
    return { physicalId: PolicyName };
  }

  function isThrottled(operation: string): boolean {
    const left = throttled.get(operation) ?? 0;
    if (left > 0) throttled.set(operation, left - 1);
    return left > 0;
  }

  function create(name: string, retentionInDays?: number, logGroupClass = "STANDARD") {
    if (groups.has(name)) {
      throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
    }
    groups.set(name, {
      created: Date.now(),
      logGroupClass,
      retentionInDays,
      streams: new Map(),
      filters: [],
      tags: {},
    });
  }

  function find(name: string): LogGroup {
    const group = groups.get(name);
    if (!group) throw new AwsError("ResourceNotFoundException", `The specified log group does not exist: ${name}`);
    return group;
  }

  function eventsOf(logGroup: string, logStream: string): LogEvent[] {
    const events = find(logGroup).streams.get(logStream);
    if (!events) throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
    return events;
  }

  function logGroupResource(name: string) {
    return { physicalId: name, attributes: { Arn: `${arnOf(name)}:*` } };
  }

  /** These calls take an ARN without the `:*` that others end it with. */
  function nameIn(arn: string): string {
    const [beginning = "", name = ""] = arn.split(":log-group:");
    if (!beginning.startsWith("arn:") || name === "" || name.includes(":")) {
      throw new AwsError("ValidationException", `${arn} is not the ARN of a log group.`);
    }
    return name;
  }

  function arnOf(logGroup: string): string {
    return `arn:aws:logs:${region}:${accountId}:log-group:${logGroup}`;
  }
}

function refuse(): never {
  throw new AwsError("ThrottlingException", "Rate exceeded");
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

function refuseUnusable(events: { timestamp: number; message: string }[]) {
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + maxBatch.bytesPerEvent, 0);
  if (events.length > maxBatch.events || bytes > maxBatch.bytes) {
    throw new AwsError("InvalidParameterException", "Upload too large");
  }
  if (events.some(({ timestamp }, at) => timestamp < (events[at - 1]?.timestamp ?? 0))) {
    throw new AwsError("InvalidParameterException", "Log events in a single PutLogEvents request must be in order.");
  }
}
