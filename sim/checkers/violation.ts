/** What a checker has found: which rule, when, by whom, and what was measured. */
export interface Violation {
  readonly invariant: string;
  readonly atS: number;
  readonly slots: readonly number[];
  readonly detail: string;
}
