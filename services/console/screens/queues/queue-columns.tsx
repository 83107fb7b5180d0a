import { Link } from 'wouter'
import type { Column } from '../../components/data-table.tsx'
import { formatCount, formatDuration } from '../../data/format.ts'
import { Load } from '../agents/agent-columns.tsx'
import { depthOf, PRIORITIES, type QueueRow } from './queue-rows.ts'
import { ShareBar } from './share-bar.tsx'

export function queueColumns({
  canPause,
  onPause,
  onResume,
}: {
  canPause: boolean
  onPause: (agent: string) => void
  onResume: (agent: string) => void
}): readonly Omit<Column<QueueRow>, 'width'>[] {
  return [
    {
      id: 'agent',
      title: 'Agent',
      cell: (row) => (
        <span className="queue-name">
          <Link href={`/agents?type=${encodeURIComponent(row.agent)}`}>{row.agent}</Link>
          {row.isPaused && <span className="badge warn">paused</span>}
          {row.pausedTenants.length > 0 && (
            <span className="badge warn" title={row.pausedTenants.join(', ')}>
              {row.pausedTenants.length} tenants paused
            </span>
          )}
          {row.instances === 0 && depthOf(row) > 0 && <span className="badge bad">nobody there</span>}
        </span>
      ),
    },
    {
      id: 'depth',
      title: 'Waiting',
      align: 'end',
      cell: (row) => <strong className="number">{formatCount(depthOf(row))}</strong>,
    },
    {
      id: 'oldest',
      title: 'Oldest',
      align: 'end',
      cell: ({ oldestAgeMs }) => (oldestAgeMs === undefined ? '–' : formatDuration(oldestAgeMs)),
    },
    {
      id: 'held',
      title: 'Held back',
      align: 'end',
      isWide: true,
      cell: ({ held }) => (held === undefined ? '–' : formatCount(held)),
    },
    {
      id: 'queued',
      title: 'On the queue',
      isWide: true,
      cell: ({ queued }) => <ByPriority counts={queued} />,
    },
    {
      id: 'load',
      title: 'In work',
      cell: ({ inWork, capacity }) => <Load inFlight={inWork} capacity={capacity} />,
    },
    {
      id: 'tenants',
      title: 'Tenants',
      isWide: true,
      cell: ({ tenants }) =>
        tenants === undefined ? (
          <span className="dim">–</span>
        ) : (
          <span className="share-bars">
            <ShareBar label="waiting" shares={tenants.waiting} />
            <ShareBar label="out" shares={tenants.out} />
          </span>
        ),
    },
    {
      id: 'shares',
      title: 'Shares',
      isWide: true,
      cell: ({ weights }) =>
        weights.length === 0 ? (
          <span className="dim">equal</span>
        ) : (
          <span className="queue-name">
            {weights.slice(0, 3).map(({ tenant, share }) => (
              <span key={tenant} className="chip">
                {tenant} {Math.round(share * 100)} %
              </span>
            ))}
            {weights.length > 3 && <span className="dim">and {weights.length - 3} more</span>}
          </span>
        ),
    },
    {
      id: 'action',
      title: '',
      align: 'end',
      cell: ({ agent, isPaused }) =>
        canPause && (
          <button
            type="button"
            className="button small"
            onClick={() => (isPaused ? onResume(agent) : onPause(agent))}
          >
            {isPaused ? 'Resume' : 'Pause'}
            <span className="sr-only"> {agent}</span>
          </button>
        ),
    },
  ]
}

function ByPriority({ counts }: { counts: readonly number[] }) {
  const all = counts.map((count, at) => ({ name: PRIORITIES[at]!, count })).filter(({ count }) => count > 0)
  if (all.length === 0) return <span className="dim">none</span>
  return (
    <span className="queue-name">
      {all.map(({ name, count }) => (
        <span key={name} className="chip">
          {name} {formatCount(count)}
        </span>
      ))}
    </span>
  )
}
