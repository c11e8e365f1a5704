import { type Ledger, newBooks, type RedriveBooks } from "./ledger.ts";

/** The books of the invocation's redrive. */
export function openRedriveBooks(ledger: Ledger): RedriveBooks {
  const books = { ...newBooks(), batches: 0, quarantined: 0, left: {}, late: 0, oldestStoredAgeSeconds: 0 };
  ledger.redrive = books;
  return books;
}
