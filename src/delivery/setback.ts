/** Why a body was not delivered. */
export interface Setback {
  reason: string;
  /** Whether items or their size are at fault, so that fewer of them may be taken. */
  isItems: boolean;
  /** What the intake said; "" = nothing. */
  answer: string;
}
