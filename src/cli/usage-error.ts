/** Exists so that a mistyped command line ends with exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
