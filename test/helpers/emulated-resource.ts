import type { CreatedResource, Properties, Service } from "../emulator/service.ts";

/** Makes a resource as CloudFormation would, without a template. @param type such as `AWS::SQS::Queue` */
export async function emulatedResource(
  { resourceTypes = {} }: Service,
  type: string,
  properties: Properties,
): Promise<CreatedResource> {
  const found = resourceTypes[type];
  if (!found) throw new Error(`The service has no resources of the type ${type}`);
  return found.create(properties, "unused");
}
