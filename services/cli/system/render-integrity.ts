import type { IntegrityView } from '#schemas/integrity.ts'
import type { Paint } from '../output/paint.ts'
import { count } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'

/** Violations that are shown. */
const SHOWN = 5

/** What the auditor has found, on one line. Pure. */
export function integrityText(view: IntegrityView): string {
  const { lost, doubled, violations, sinceMs, events, ended, behind, skipped, isStale } = view
  const others = violations - lost - doubled
  return [
    `${lost} lost, ${doubled} doubled${others > 0 ? `, ${others} otherwise wrong` : ''} since ${minuteOf(sinceMs)}`,
    `${count(events, 'event')} of ${count(ended, 'ended task')} checked`,
    ...(skipped > 0 ? [`${skipped} passed over`] : []),
    ...(behind > 0 ? [`${behind} behind`] : []),
    ...(isStale ? [`as of ${minuteOf(view.atMs)}: nobody audits now`] : []),
  ].join(', ')
}

/** The same with what was found. Pure. */
export function renderIntegrity(view: IntegrityView, paint: Paint): string[] {
  const text = `integrity: ${integrityText(view)}`
  if (view.violations === 0) return [view.isStale ? paint.yellow(text) : paint.dim(text)]
  return [
    paint.red(text),
    ...view.recent
      .slice(0, SHOWN)
      .map(({ rule, taskId, message, atMs }) =>
        paint.red(`  ${minuteOf(atMs)}  ${rule}  ${printable(taskId)} ${printable(message)}`),
      ),
  ]
}

/** `2026-11-30 09:12Z` */
function minuteOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')}Z`
}
