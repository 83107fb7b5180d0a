import type { ChangeDeadLettersResponse, DeadLetterFilter, DeadLetterResult } from '#schemas/dead-letter.ts'
import { MAX_LETTERS_A_REQUEST } from '#schemas/dead-letter.ts'
import { changeInPages } from '../output/change-pages.ts'

/** Which letters a command is about. */
export interface LetterSelection {
  readonly seqs: readonly number[]
  readonly filter: DeadLetterFilter
  readonly dryRun: boolean
}

/** What is sent for one page. */
export type LetterPage =
  | { seqs: number[]; dryRun: boolean }
  | { filter: DeadLetterFilter; dryRun: boolean; cursor?: string }

/** Changes letters page by page; ends early when the signal aborts. */
export function changeLetters(
  { seqs, filter, dryRun }: LetterSelection,
  change: (page: LetterPage) => Promise<ChangeDeadLettersResponse>,
  signal: AbortSignal,
): Promise<DeadLetterResult[]> {
  return changeInPages({ named: seqs, most: MAX_LETTERS_A_REQUEST, signal }, (page) =>
    change('ids' in page ? { seqs: page.ids, dryRun } : { filter, dryRun, ...page }),
  )
}
