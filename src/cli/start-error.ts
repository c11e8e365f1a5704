import { CommandError } from "./command-error.ts";

/** What a newcomer can mend. */
export class StartError extends CommandError {
  override name = "StartError";
}
