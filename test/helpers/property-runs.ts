/** How many cases a property test tries: in the long form (`npm run test:long`) as many as that says. */
export function propertyRuns(usually: number): number {
  return Number(process.env.PROPERTY_RUNS ?? usually);
}
