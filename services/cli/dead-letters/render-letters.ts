import type { DeadLetter, DeadLetterResult } from '#schemas/dead-letter.ts'
import { formatBytes, formatDuration } from '../output/quantities.ts'
import type { Cell } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'

export const LETTER_COLUMNS = [
  { title: 'number', align: 'right' },
  { title: 'agent' },
  { title: 'task' },
  { title: 'step' },
  { title: 'size', align: 'right' },
  { title: 'age', align: 'right' },
  { title: 'became' },
  { title: 'why', flexible: true },
] as const

export const RESULT_COLUMNS = [
  { title: 'number', align: 'right' },
  { title: 'agent' },
  { title: 'step' },
  { title: 'outcome' },
  { title: 'became' },
  { title: 'why', flexible: true },
] as const

/** One line of a list. Pure. */
export function letterRow(letter: DeadLetter, nowMs: number): Cell[] {
  const { seq, agent, taskId, bytes, atMs, reason, code, replayed } = letter
  const why = [code, reason].filter((part) => part !== undefined).join(': ')
  return [
    { text: String(seq) },
    { text: printable(agent) },
    { text: taskId ?? '' },
    { text: stepOf(letter) },
    { text: formatBytes(bytes) },
    { text: formatDuration(nowMs - atMs), style: 'dim' },
    { text: replayed?.taskId ?? '' },
    { text: printable(why), style: 'dim' },
  ]
}

/** What became of one. Pure. */
export function resultRow({
  seq,
  outcome,
  deadLetter,
  taskId,
  duplicate,
  problem,
}: DeadLetterResult): Cell[] {
  const why = problem ? `${problem.code}: ${problem.message}` : duplicate ? 'it was replayed before' : ''
  return [
    { text: String(seq) },
    { text: printable(deadLetter?.agent ?? '') },
    { text: deadLetter ? stepOf(deadLetter) : '' },
    { text: outcome, style: outcome === 'failed' ? 'red' : outcome === 'done' ? 'green' : 'dim' },
    { text: taskId ?? '' },
    { text: printable(why), style: 'dim' },
  ]
}

function stepOf({ stepId, attempt }: DeadLetter): string {
  return stepId === undefined ? '' : `${stepId} (attempt ${attempt ?? '?'})`
}
