/** What is known of the Datadog Forwarder that is to be replaced. */
export interface OldForwarder {
  /** "" = unknown. */
  functionName: string;
  functionArn: string;
  description: string;
  handler: string;
  /** ARNs. */
  layers: string[];
  tags: Record<string, string>;
  /** Null: not known. */
  variables: Record<string, string> | null;
  memorySizeMB: number | null;
  timeoutSeconds: number | null;
  reservedConcurrency: number | null;
  subnetIds: string[];
  securityGroupIds: string[];
  /** "" = not known, or not made by CloudFormation. */
  stackName: string;
  stackDescription: string;
  /** Of the stack; null: not known. */
  parameters: Record<string, string> | null;
  /** Who may invoke it, and what it polls; null: not known. */
  triggers: Trigger[] | null;
  /** The subscription filters that lead to it; null: not looked up. */
  subscriptions: Subscription[] | null;
  /** What could not be found out, a sentence each. */
  remarks: string[];
}

export interface Trigger {
  /** `logs`, `s3`, `sns`, `events`, `kinesis`, `sqs`, … */
  service: string;
  /** "" = anything of the service. */
  sourceArn: string;
}

export interface Subscription {
  logGroup: string;
  filterName: string;
  /** "" = everything. */
  filterPattern: string;
}

export function nothingKnown(): OldForwarder {
  return {
    functionName: "",
    functionArn: "",
    description: "",
    handler: "",
    layers: [],
    tags: {},
    variables: null,
    memorySizeMB: null,
    timeoutSeconds: null,
    reservedConcurrency: null,
    subnetIds: [],
    securityGroupIds: [],
    stackName: "",
    stackDescription: "",
    parameters: null,
    triggers: null,
    subscriptions: null,
    remarks: [],
  };
}
