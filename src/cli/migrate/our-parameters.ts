/**
 * The parameters in serverless.yml and their defaults, as text; "" where there is none.
 *
 * @param yaml serverless.yml, whose parameters stand in a line each
 */
export function parametersIn(yaml: string): Map<string, string> {
  const block = /^params:\n {2}default:\n((?: {4}.*\n|\n)+)/m.exec(yaml)?.[1] ?? "";
  const parameters = new Map<string, string>();
  for (const [, name = "", given = ""] of block.matchAll(/^ {4}(\w+): ([^\n]*?)(?: #.*)?$/gm)) {
    parameters.set(name, given === "null" || given === "[]" ? "" : given);
  }
  return parameters;
}
