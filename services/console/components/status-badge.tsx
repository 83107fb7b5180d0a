import type { StepStatus, TaskStatus } from '#schemas/task.ts'

export type Tone = 'ok' | 'bad' | 'warn' | 'info' | 'special' | 'quiet'
type Status = TaskStatus | StepStatus

/** What each status is shown as: a colour, and a sign for those who do not see it. */
export const STATUS_TONES: Readonly<Record<Status, { tone: Tone; sign: string }>> = {
  scheduled: { tone: 'quiet', sign: '◷' },
  running: { tone: 'info', sign: '▶' },
  paused: { tone: 'warn', sign: '⏸' },
  compensating: { tone: 'special', sign: '↺' },
  completed: { tone: 'ok', sign: '✓' },
  failed: { tone: 'bad', sign: '✕' },
  cancelled: { tone: 'quiet', sign: '⊘' },
  waiting: { tone: 'quiet', sign: '○' },
  dispatched: { tone: 'info', sign: '▸' },
  backoff: { tone: 'warn', sign: '↻' },
  sleeping: { tone: 'special', sign: '◷' },
  'awaiting-signal': { tone: 'warn', sign: '⚑' },
  'awaiting-approval': { tone: 'warn', sign: '?' },
  skipped: { tone: 'quiet', sign: '–' },
}

export function StatusBadge({ status }: { status: Status }) {
  const { tone, sign } = STATUS_TONES[status] ?? { tone: 'quiet', sign: '·' }
  return (
    <Badge tone={tone} sign={sign}>
      {status}
    </Badge>
  )
}

/** A word with a colour and a sign. */
export function Badge({ tone, sign, children }: { tone: Tone; sign?: string; children: string }) {
  return (
    <span className={`badge ${tone}`}>
      {sign && <span aria-hidden="true">{sign}</span>}
      {children}
    </span>
  )
}
