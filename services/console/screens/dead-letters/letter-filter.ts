import type { DeadLetterFilter } from '#schemas/dead-letter.ts'

export const LETTER_FILTERS = ['agent', 'type', 'code', 'since'] as const
export type LetterFilterName = (typeof LETTER_FILTERS)[number]

/** Spans that can be chosen. Milliseconds. */
export const SINCE_MS: Readonly<Record<string, number>> = {
  '1h': 3_600_000,
  '1d': 86_400_000,
  '7d': 7 * 86_400_000,
}

/** As the API has it, of what stands in the URL; `undefined`: none is set. Pure. */
export function letterFilterOf(
  text: (name: LetterFilterName) => string | undefined,
  nowMs: number,
): DeadLetterFilter | undefined {
  const sinceMs = SINCE_MS[text('since') ?? '']
  const filter: DeadLetterFilter = {
    ...(text('agent') && { agent: text('agent') }),
    ...(text('type') && { taskType: text('type') }),
    ...(text('code') && { code: text('code') }),
    // To the minute, so that the same filter is the same for as long as it is looked at.
    ...(sinceMs !== undefined && { createdFromMs: Math.floor((nowMs - sinceMs) / 60_000) * 60_000 }),
  }
  return Object.keys(filter).length === 0 ? undefined : filter
}

/** The same as parameters of the list. Pure. */
export function letterQueryOf({ createdFromMs, createdBeforeMs, ...rest }: DeadLetterFilter = {}) {
  return {
    ...rest,
    ...(createdFromMs !== undefined && { createdFrom: String(createdFromMs) }),
    ...(createdBeforeMs !== undefined && { createdBefore: String(createdBeforeMs) }),
  }
}

/** Which letters something is done to: these, or those that a filter finds. */
export interface LetterTarget {
  readonly seqs?: readonly number[]
  readonly filter?: DeadLetterFilter
}

/** One request takes so many numbers. */
const MAX_SEQS = 100

/** The bodies of the requests that a target needs: of many numbers several. Pure. */
export function targetsOf({ seqs, filter }: LetterTarget): { seqs?: number[]; filter?: DeadLetterFilter }[] {
  if (!seqs) return [{ filter: filter ?? {} }]
  const parts: { seqs: number[] }[] = []
  for (let at = 0; at < seqs.length; at += MAX_SEQS) parts.push({ seqs: seqs.slice(at, at + MAX_SEQS) })
  return parts
}

/** What the command line is given for the same. Pure. */
export function dlqArguments(
  verb: 'replay' | 'purge',
  { seqs, filter }: LetterTarget,
  requestId?: string,
): string[] {
  const { agent, taskType, code, createdFromMs } = filter ?? {}
  const about = seqs
    ? seqs.map(String)
    : [
        ...(agent ? ['--agent', agent] : []),
        ...(taskType ? ['--task-type', taskType] : []),
        ...(code ? ['--code', code] : []),
        ...(createdFromMs !== undefined ? ['--since', new Date(createdFromMs).toISOString()] : []),
        ...(!agent && !taskType && !code && createdFromMs === undefined ? ['--all'] : []),
      ]
  return ['dlq', verb, ...about, ...(requestId ? ['--request-id', requestId] : [])]
}
