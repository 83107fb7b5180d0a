import { Link } from 'wouter'
import type { DeadLetter } from '#schemas/dead-letter.ts'
import type { Column } from '../../components/data-table.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Badge } from '../../components/status-badge.tsx'

export const LETTER_COLUMNS: readonly Column<DeadLetter>[] = [
  {
    id: 'seq',
    title: 'Letter',
    width: '72px',
    cell: ({ seq }) => (
      <Link href={`/dead-letters/${seq}`} className="mono" tabIndex={-1}>
        {seq}
      </Link>
    ),
  },
  {
    id: 'step',
    title: 'Step',
    width: 'minmax(120px, 1fr)',
    cell: ({ agent, stepId, taskType }) => (
      <span className="letter-step">
        <strong>{agent}</strong>
        <span className="dim">
          {stepId ?? 'no step'}
          {taskType && ` of ${taskType}`}
        </span>
      </span>
    ),
  },
  {
    id: 'why',
    title: 'Why it was given up',
    width: 'minmax(160px, 2fr)',
    isWide: true,
    cell: ({ code, reason, attempt }) => (
      <span title={reason}>
        {code && <code className="code">{code}</code>} {reason}
        {attempt !== undefined && <span className="dim"> · attempt {attempt}</span>}
      </span>
    ),
  },
  {
    id: 'replayed',
    title: 'Replayed',
    width: '96px',
    isWide: true,
    cell: ({ replayed }) =>
      replayed ? (
        <Link href={`/tasks/${replayed.taskId}`} tabIndex={-1}>
          <Badge tone="ok" sign="✓">
            replayed
          </Badge>
        </Link>
      ) : (
        <span className="dim">no</span>
      ),
  },
  {
    id: 'at',
    title: 'Given up',
    width: '100px',
    align: 'end',
    cell: ({ atMs }) => <RelativeTime atMs={atMs} />,
  },
]
