/** What follows where something is neither delivered nor stored, or the event could not be read. Loaded only then. */
import { type DestinationBooks, type Ledger, total } from "../delivery/ledger.ts";

/** What Lambda is told. */
export function incompleteness({ destinations }: Ledger): Error {
  const problems: string[] = [];
  for (const name in destinations) {
    const { failed, offered, storeError } = destinations[name] as DestinationBooks;
    for (const reason in failed) {
      problems.push(`${name}: ${failed[reason]} of ${offered} not delivered (${reason})`);
    }
    if (storeError) problems.push(storeError);
  }
  return new Error(problems.join("; "));
}

/** Lambda hands the same event in again, and knows nothing of what has been delivered or stored. */
export function noteRepeats({ destinations }: Ledger): void {
  for (const books of Object.values(destinations)) books.possiblyDuplicated += books.delivered + total(books.stored);
}
