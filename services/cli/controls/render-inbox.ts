import type { HandOn } from '#schemas/approval.ts'
import type { OpenApprovalView } from '#schemas/task-controls.ts'
import { formatDuration } from '../output/quantities.ts'
import type { Cell } from '../output/table.ts'

export const INBOX_COLUMNS = [
  { title: 'task' },
  { title: 'step' },
  { title: 'attempt', align: 'right' },
  { title: 'since', align: 'right' },
  { title: 'left', align: 'right' },
  { title: 'for' },
  { title: 'question', flexible: true },
] as const

/** One line of the inbox. Pure. */
export function inboxRow(open: OpenApprovalView, nowMs: number): Cell[] {
  const { taskId, stepId, attempt, sinceMs, untilMs, assignees, escalations, handedOn, approval } = open
  const forWhom = assignees.length === 0 ? 'anybody' : assignees.join(', ')
  return [
    { text: taskId },
    { text: stepId },
    { text: String(attempt) },
    { text: formatDuration(nowMs - sinceMs), style: 'dim' },
    { text: untilMs === undefined ? '' : formatDuration(untilMs - nowMs), style: 'dim' },
    { text: handedOn ? `${forWhom} (handed on)` : escalations > 0 ? `${forWhom} (escalated)` : forWhom },
    { text: approval.title },
  ]
}

/** What a question is about, for the one that it is narrowed down to. Pure. */
export function questionLines({ approval, subject, handedOn = [] }: OpenApprovalView): string[] {
  const { description, form = [], editable } = approval
  const fields = form.map(({ name, label, type, choices, required }) => {
    const kind = choices ? choices.join(' | ') : type
    const about = label === undefined ? '' : `  ${label}`
    return `  ${name}: ${kind}${required ? ', required' : ''}${about}`
  })
  return [
    ...(description === undefined ? [] : description.split('\n')),
    ...handedOn.map(handOnLine),
    ...(subject === undefined
      ? []
      : [
          editable ? 'Subject (may be changed)' : 'Subject',
          ...JSON.stringify(subject, null, 2)
            .split('\n')
            .map((line) => `  ${line}`),
        ]),
    ...(fields.length === 0 ? [] : ['To fill in (--value NAME=VALUE)', ...fields]),
  ]
}

function handOnLine({ to, by, keep, reason }: HandOn): string {
  const also = keep ? ', too' : ''
  return `Handed on to ${to.join(', ')}${also} by ${by}${reason ? `: ${reason}` : ''}`
}
