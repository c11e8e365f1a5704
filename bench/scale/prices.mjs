/** List prices of us-east-1 in USD, without free tiers and discounts, and AWS's default quotas. */
export const PRICES = {
  // https://aws.amazon.com/lambda/pricing/, arm64
  lambdaGbSecond: 0.0000133334,
  lambdaMillionRequests: 0.2,
  // https://aws.amazon.com/kinesis/data-streams/pricing/, provisioned
  shardHour: 0.015,
  millionPutUnits: 0.014,
  putUnitBytes: 25_000,
  // https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer: to the internet, the first 10 TB of a month
  egressGb: 0.09,
};

export const QUOTAS = {
  /** Concurrent executions of all functions of an account and region, until it is raised. */
  concurrency: 1_000,
  /** How many more executions a function gets in ten seconds. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
  moreConcurrencyInTenSeconds: 1_000,
  shardBytesPerSecond: 1_000_000,
  shardRecordsPerSecond: 1_000,
  /** The most that reads one shard. */
  parallelizationFactor: 10,
};

export const SECONDS_IN_MONTH = 730 * 3_600;
/** What one processor of Lambda takes in memory. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const MB_OF_ONE_PROCESSOR = 1_769;
