/** Exists so that what a newcomer can mend is shown as a problem and its remedy, without a stack. */
export class StartError extends Error {
  override name = "StartError";
  constructor(
    problem: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(problem, options);
  }
}
