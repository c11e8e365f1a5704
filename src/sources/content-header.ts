/** Lines at the front of a content that say what stands in all others. */
import {
  cloudFrontFieldsIn,
  flowFieldsIn,
  isDefaultCloudFront,
  isDefaultFlow,
  isSoftwareDirective,
  isW3cDirective,
} from "./content-heads.ts";
import { isObject } from "./envelope.ts";

/** Of a content, in which a header may stand that no mark tells. */
const FRONT_BYTES = 4096;
const MEMBERS = ["flow", "cloudfront"] as const;
/** What may stand between values; a line has the first that makes as many as there are names. */
const SEPARATORS: Record<Columns["member"], readonly string[]> = {
  flow: [" "],
  cloudfront: ["\t", " ", ",", ";", "|"],
};

/** The values of lines that nobody could name without their header. */
export interface Columns {
  /** Of the log event, in which they are written by name. */
  member: (typeof MEMBERS)[number];
  names: string[];
}

export class ContentHeader {
  #columns: Columns | undefined;
  #isOfOther = false;
  #isOver: boolean;

  /** @param columns that another reader found; null: it has read beyond the front */
  constructor(columns?: Columns | null) {
    this.#isOver = columns !== undefined;
    this.#columns = columns ?? undefined;
  }

  get columns(): Columns | undefined {
    return this.#columns;
  }

  /** Whether no line is a header any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether a line is of the header, which is no event. @param byte where it stands in the content */
  takes(line: string, byte: number): boolean {
    if (isW3cDirective(line)) {
      this.#takeDirective(line);
      return true;
    }
    const names = byte < FRONT_BYTES ? flowFieldsIn(line) : undefined;
    if (names && !isDefaultFlow(names)) this.#columns = { member: "flow", names };
    return names !== undefined;
  }

  /** Behind the first event no line is a header. */
  end(): void {
    this.#isOver = true;
  }

  /** What a line says, by the names in the header. */
  membersOf(line: string): Record<string, unknown> | undefined {
    if (!this.#columns) return undefined;
    const { member, names } = this.#columns;
    for (const separator of SEPARATORS[member]) {
      const values = line.split(separator);
      if (values.length !== names.length) continue;
      return { [member]: Object.fromEntries(names.map((name, index) => [name, values[index]])) };
    }
    return undefined;
  }

  #takeDirective(line: string): void {
    this.#isOfOther ||= isSoftwareDirective(line);
    const names = cloudFrontFieldsIn(line);
    if (names) this.#columns = isDefaultCloudFront(names) ? undefined : { member: "cloudfront", names };
    if (this.#isOfOther) this.#columns = undefined;
  }
}

/** What another reader noted of its header; undefined for anything else. */
export function columnsIn(value: unknown): Columns | undefined {
  if (!isObject(value) || !Array.isArray(value.names)) return undefined;
  const member = MEMBERS.find((name) => name === value.member);
  return member && { member, names: value.names.map(String) };
}
