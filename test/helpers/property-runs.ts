/** How many cases a property test tries where one is cheap; the long form sets 100,000. */
export const PROPERTY_RUNS = Number(process.env.PROPERTY_RUNS ?? 150);
