import { Link } from 'wouter'
import type { TaskSummary } from '#schemas/task.ts'
import type { Column } from '../../components/data-table.tsx'
import { Duration, RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'

export const TASK_COLUMNS: readonly Column<TaskSummary>[] = [
  { id: 'status', title: 'Status', width: '130px', cell: ({ status }) => <StatusBadge status={status} /> },
  {
    id: 'task',
    title: 'Task',
    width: 'minmax(100px, 1.4fr)',
    cell: ({ id, type }) => (
      <Link href={`/tasks/${id}`} className="task-name" tabIndex={-1}>
        <span>{type}</span> <span className="mono dim">{id.slice(0, 12)}</span>
      </Link>
    ),
  },
  {
    id: 'labels',
    title: 'Labels and error',
    width: 'minmax(140px, 2fr)',
    isWide: true,
    cell: ({ labels, error }) => (
      <span className="task-about">
        {error && (
          <span className="task-error" title={error.message}>
            <code className="code">{error.code}</code> {error.message}
          </span>
        )}
        {Object.entries(labels ?? {}).map(([name, value]) => (
          <span key={name} className="chip" title={`${name}: ${value}`}>
            {name}: {value}
          </span>
        ))}
      </span>
    ),
  },
  { id: 'steps', title: 'Steps', width: '112px', isWide: true, cell: (task) => <Progress {...task.steps} /> },
  {
    id: 'duration',
    title: 'Took',
    width: '96px',
    align: 'end',
    isWide: true,
    cell: ({ createdAtMs, finishedAtMs }) => <Duration fromMs={createdAtMs} toMs={finishedAtMs} />,
  },
  {
    id: 'created',
    title: 'Created',
    width: '92px',
    align: 'end',
    cell: ({ createdAtMs }) => <RelativeTime atMs={createdAtMs} />,
  },
]

function Progress({ total, completed, failed }: TaskSummary['steps']) {
  return (
    <span
      className="progress"
      title={`${completed} of ${total} steps completed${failed ? `, ${failed} failed` : ''}`}
    >
      <span className="progress-bar" aria-hidden="true">
        <span className="progress-ok" style={{ width: `${(completed / Math.max(1, total)) * 100}%` }} />
        <span className="progress-bad" style={{ width: `${(failed / Math.max(1, total)) * 100}%` }} />
      </span>
      <span className="number">
        {completed}/{total}
      </span>
    </span>
  )
}
