/** Exists so that what a person can mend is shown as a problem and its remedy, without a stack. */
export class CommandError extends Error {
  override name = "CommandError";
  constructor(
    problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(problem, options);
  }
}
