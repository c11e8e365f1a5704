/** A part of what is remembered, with keys of its own. */
export type Part<Value> = Map<string, Entry<Value>>;

interface Entry<Value> {
  key: string;
  value: Value;
  part: Part<Value>;
  /** The neighbours in the order of use. */
  older: Entry<Value>;
  newer: Entry<Value>;
}

/** A map that forgets what was longest unused once it holds more than it may, whatever part of it that is in. */
export class Recent<Value> {
  readonly #limit: number;
  readonly #whole: Part<Value> = new Map();
  /** Between the newest and the oldest, in a ring with them. */
  readonly #end: Entry<Value>;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
    const end = { key: "", part: this.#whole } as Entry<Value>;
    end.older = end;
    end.newer = end;
    this.#end = end;
  }

  get size(): number {
    return this.#size;
  }

  /** Looking counts as use. */
  get(key: string, part = this.#whole): Value | undefined {
    const entry = part.get(key);
    if (entry) this.#use(entry);
    return entry?.value;
  }

  set(key: string, value: Value, part = this.#whole): void {
    let entry = part.get(key);
    if (entry) {
      entry.value = value;
      this.#use(entry);
      return;
    }
    const end = this.#end;
    entry = { key, value, part, older: end.older, newer: end };
    part.set(key, entry);
    end.older.newer = entry;
    end.older = entry;
    if (++this.#size > this.#limit) this.forgetOldest();
  }

  /** @returns what is forgotten; undefined where there is nothing */
  forgetOldest(): Value | undefined {
    const oldest = this.#end.newer;
    if (oldest === this.#end) return undefined;
    oldest.part.delete(oldest.key);
    oldest.newer.older = this.#end;
    this.#end.newer = oldest.newer;
    this.#size--;
    return oldest.value;
  }

  /** Makes it the newest. */
  #use(entry: Entry<Value>): void {
    const end = this.#end;
    if (end.older === entry) return;
    entry.older.newer = entry.newer;
    entry.newer.older = entry.older;
    entry.older = end.older;
    entry.newer = end;
    end.older.newer = entry;
    end.older = entry;
  }
}
