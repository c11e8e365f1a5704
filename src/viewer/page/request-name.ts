/** What a request is called beside its service: functions are often called like their service, which says nothing twice. */
export function requestName({ service, name, resource }: { service: string; name: string; resource: string }): string {
  return resource && resource !== service ? resource : name || "(no name)";
}
