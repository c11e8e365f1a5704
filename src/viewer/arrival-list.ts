/** What a list keeps of its items in the items themselves. */
export interface Listed<Item> {
  older: Item | undefined;
  newer: Item | undefined;
}

/** Items in the order they were added: any of them can be taken out at once, and both ends are known. */
export class ArrivalList<Item extends Listed<Item>> {
  oldest: Item | undefined;
  newest: Item | undefined;
  size = 0;

  add(item: Item): void {
    item.older = this.newest;
    item.newer = undefined;
    if (this.newest) this.newest.newer = item;
    else this.oldest = item;
    this.newest = item;
    this.size++;
  }

  /** @param item one that is in the list */
  remove(item: Item): void {
    if (item.older) item.older.newer = item.newer;
    else this.oldest = item.newer;
    if (item.newer) item.newer.older = item.older;
    else this.newest = item.older;
    item.older = undefined;
    item.newer = undefined;
    this.size--;
  }

  *newestFirst(): Generator<Item, void> {
    for (let item = this.newest; item; item = item.older) yield item;
  }
}
