/** Lines at the front of a content that say what stands in all others. */
import { flowFieldsIn, isDefaultFlow, isW3cDirective } from "./content-heads.ts";

/** Of a content, in which a header may stand that no mark tells. */
const FRONT_BYTES = 4096;

export class ContentHeader {
  #fields: string[] | undefined;
  #isOver: boolean;

  /** @param fields that another reader found; null: it has read beyond the front */
  constructor(fields?: string[] | null) {
    this.#isOver = fields !== undefined;
    this.#fields = fields ?? undefined;
  }

  /** The names of the values in a line, where nobody else can know them. */
  get fields(): string[] | undefined {
    return this.#fields;
  }

  /** Whether no line is a header any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a line is of the header, which is no event. @param byte where it stands in the content */
  takes(line: string, byte: number): boolean {
    if (isW3cDirective(line)) return true;
    const fields = byte < FRONT_BYTES ? flowFieldsIn(line) : undefined;
    if (fields && !isDefaultFlow(fields)) this.#fields = fields;
    return fields !== undefined;
  }

  /** Behind the first event no line is a header. */
  end(): void {
    this.#isOver = true;
  }

  /** What a line says, by the names in the header. */
  membersOf(line: string): Record<string, unknown> | undefined {
    const names = this.#fields;
    if (!names) return undefined;
    const values = line.split(" ");
    return values.length === names.length
      ? { flow: Object.fromEntries(names.map((name, index) => [name, values[index]])) }
      : undefined;
  }
}
