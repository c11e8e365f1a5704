import { type DeployCommands, shellText } from "./deploy-command.ts";
import type { Migration } from "./migration.ts";
import type { OldForwarder, Trigger } from "./old-forwarder.ts";

export interface Step {
  what: string;
  commands: string[];
}

/** The way from the old forwarder to the new one, on which no log is lost. */
export function stepsOf(
  forwarder: OldForwarder,
  migration: Migration,
  { beside, subscribe, place }: DeployCommands,
): Step[] {
  const old = shellText(forwarder.functionName || "<the old function>");
  const aws = awsCommand(forwarder);
  const stack = shellText(forwarder.stackName || "<its stack>");
  return [
    ...keySteps(forwarder, migration),
    { what: "Deploy beside the old one; nothing is subscribed yet.", commands: ["npm run build", beside] },
    {
      what: "Send it a sample, and look for the service thinker-microservice in Datadog.",
      commands: [`npx serverless invoke${place} --function forwarder --path events/lambda-text-with-trace.json`],
    },
    {
      what: "Subscribe it. A log group takes two subscription filters: as long as both forwarders have one, each log arrives twice, with one id. Where a log group has two filters already, delete the old one first. If Datadog's AWS integration subscribes log groups by itself, take the old function out of it before.",
      commands: [subscribe],
    },
    {
      what: "Delete the old filters, as soon as logs come through the new one.",
      commands: (forwarder.subscriptions ?? [{ logGroup: "<log group>", filterName: "<its filter>" }]).map(
        ({ logGroup, filterName }) =>
          `${aws} logs delete-subscription-filter --log-group-name ${shellText(logGroup)} --filter-name ${shellText(filterName)}`,
      ),
    },
    ...otherTriggers(forwarder.triggers ?? []),
    {
      what: "Check the ledger, and that no alarm is on: unaccounted is 0, failed is empty, and stored is empty or explains itself.",
      commands: [`npx serverless logs${place} --function forwarder --filter ledger --startTime 10m`],
    },
    {
      what: "Let the old one send what it has stored, until there is nothing left under failed_events/ in its bucket.",
      commands: [
        `${aws} lambda invoke --function-name ${old} --cli-binary-format raw-in-base64-out --payload '{"retry":"true"}' /dev/stdout`,
      ],
    },
    {
      what: "Remove the old one. docs/migrate.md tells how to go back before and after that.",
      commands: [`${aws} cloudformation delete-stack --stack-name ${stack}`],
    },
  ];
}

/** Where the key is to be had without showing it. */
function keySteps(forwarder: OldForwarder, { missing, isKeyInOldStack }: Migration): Step[] {
  if (!missing.DdApiKeySecretArn) return [];
  const { functionName, variables } = forwarder;
  const aws = awsCommand(forwarder);
  const { DD_API_KEY_SECRET_ARN = "", DD_API_KEY = "" } = variables ?? {};
  const place = isKeyInOldStack ? "a secret of your own: the one it is in goes with the old stack" : "Secrets Manager";
  let read = "'<the key: Datadog shows it under Organization Settings, API Keys>'";
  if (isKeyInOldStack) {
    read = `$(${aws} secretsmanager get-secret-value --secret-id ${shellText(DD_API_KEY_SECRET_ARN)} --query SecretString --output text)`;
  } else if (DD_API_KEY) {
    read = `$(${aws} lambda get-function-configuration --function-name ${shellText(functionName)} --query Environment.Variables.DD_API_KEY --output text)`;
  }
  return [
    {
      what: `Put the API key into ${place}. The second command prints the ARN to give as DdApiKeySecretArn.`,
      commands: [
        `DD_API_KEY=${read}`,
        `${aws} secretsmanager create-secret --name datadog-api-key --query ARN --output text --secret-string "$DD_API_KEY"`,
      ],
    },
  ];
}

/** In the region of the old one, where the new one is deployed too. */
function awsCommand({ functionArn }: OldForwarder): string {
  const region = functionArn.split(":")[3];
  return region ? `aws --region ${shellText(region)}` : "aws";
}

/** What is no subscription of CloudWatch Logs. */
function otherTriggers(triggers: readonly Trigger[]): Step[] {
  const others = triggers.filter(({ service }) => service !== "logs");
  const named = [...new Set(others.filter(hasSource).map(({ service, sourceArn }) => `${service} ${sourceArn}`))];
  const open = [...new Set(others.filter((trigger) => !hasSource(trigger)).map(({ service }) => service))];
  const steps: Step[] = [];
  if (named.length > 0) {
    const what = `These invoke the old one too; connect what the new one reads (docs/sources.md), and keep the old one for the rest: ${named.join(", ")}`;
    steps.push({ what, commands: [] });
  }
  if (open.length > 0) {
    const what = `Anything of ${open.join(", ")} in the account may invoke the old one. Whether anything does, the notifications of buckets, the subscriptions of topics and the rules of EventBridge tell, and its metric Invocations when nothing is subscribed to it any more.`;
    steps.push({ what, commands: [] });
  }
  return steps;
}

function hasSource({ sourceArn }: Trigger): boolean {
  return sourceArn !== "";
}
