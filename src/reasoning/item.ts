/** A multiple-choice question with one right answer. */
export interface ChoiceItem {
  readonly id: string;
  /** Questions of one template or source resemble each other: intervals resample clusters. */
  readonly cluster: string;
  readonly question: string;
  readonly options: readonly string[];
  /** Index of the right option. */
  readonly correct: number;
}
