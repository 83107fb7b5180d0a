import type { ChangeDeadLettersResponse, DeadLetterResult } from '#schemas/dead-letter.ts'
import { api, ask } from '../../data/api.ts'
import { chance, nowMs } from '../../data/clock.ts'
import { type LetterTarget, targetsOf } from './letter-filter.ts'

export interface LetterChange {
  readonly action: 'replay' | 'purge'
  readonly target: LetterTarget
  readonly dryRun: boolean
  /** Of a replay: the same letter under the same id becomes one task, however often this is asked. */
  readonly requestId: string
  /** Of a purge. */
  readonly reason?: string
  /** Another input, for a single letter. */
  readonly input?: unknown
}

/** One id for all requests of one replay, so that asking again after a lost answer makes no second task. */
export function newRequestId(): string {
  return `console-${nowMs().toString(36)}-${Math.floor(chance() * 36 ** 6).toString(36)}`
}

/**
 * Replays or purges letters, a page of results at a time.
 * @throws ProblemError
 */
export async function* changeLetters(
  { action, target, dryRun, requestId, reason, input }: LetterChange,
  signal: AbortSignal,
): AsyncGenerator<readonly DeadLetterResult[]> {
  const extra =
    action === 'replay' ? { requestId, ...(input !== undefined && { input }) } : { ...(reason && { reason }) }
  for (const part of targetsOf(target)) {
    let cursor: string | undefined
    do {
      const body = { ...part, ...extra, dryRun, ...(cursor !== undefined && { cursor }) } as never
      const asking =
        action === 'replay'
          ? api.POST('/v1/dead-letters/replay', { body, signal })
          : api.POST('/v1/dead-letters/purge', { body, signal })
      const answer = (await ask(asking as never)) as ChangeDeadLettersResponse
      yield answer.results
      cursor = answer.nextCursor
    } while (cursor !== undefined && !signal.aborted)
  }
}
