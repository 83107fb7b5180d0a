import type { ChangeDeadLettersResponse, DeadLetterFilter, DeadLetterResult } from '#schemas/dead-letter.ts'
import { MAX_LETTERS_A_REQUEST } from '#schemas/dead-letter.ts'

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

/**
 * Changes letters page by page, so that no request is larger than a service takes. Ends early when the signal aborts: what was
 * changed is told, and the same command goes on where it was.
 */
export async function changeLetters(
  { seqs, filter, dryRun }: LetterSelection,
  change: (page: LetterPage) => Promise<ChangeDeadLettersResponse>,
  signal: AbortSignal,
): Promise<DeadLetterResult[]> {
  const results: DeadLetterResult[] = []
  if (seqs.length > 0) {
    for (let at = 0; at < seqs.length && !signal.aborted; at += MAX_LETTERS_A_REQUEST)
      results.push(...(await change({ seqs: seqs.slice(at, at + MAX_LETTERS_A_REQUEST), dryRun })).results)
    return results
  }
  let cursor: string | undefined
  do {
    const page = await change({ filter, dryRun, ...(cursor !== undefined && { cursor }) })
    results.push(...page.results)
    cursor = page.nextCursor
  } while (cursor !== undefined && !signal.aborted)
  return results
}
