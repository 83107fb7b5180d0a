import './queues.css'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import { usePaletteCommands } from '../../app/page-commands.ts'
import type { Column } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { formatCount } from '../../data/format.ts'
import { toProblemError } from '../../data/problem.ts'
import { useStatus } from '../../data/use-status.ts'
import { useAgentPolicies, useSetPolicy } from '../agents/use-agents.ts'
import { PauseDialog } from './pause-dialog.tsx'
import { queueColumns } from './queue-columns.tsx'
import { queueRowsOf } from './queue-rows.ts'
import { useLoads } from './use-loads.ts'
import { usePauses } from './use-pauses.ts'

function attempt(doing: Promise<void>, done: string): void {
  void doing.then(
    () => toast({ title: done }),
    (error: unknown) => toastProblem(toProblemError(error), 'Nothing was changed'),
  )
}

interface TypeRow {
  readonly type: string
  readonly active: number
  readonly pause: { readonly reason?: string | undefined } | undefined
}

export default function QueuesScreen() {
  const status = useStatus()
  const policies = useAgentPolicies()
  const loads = useLoads()
  const setPolicy = useSetPolicy()
  const { pauses, setPause } = usePauses()
  const [asking, setAsking] = useState<{ what: 'agent' | 'task type'; name: string }>()
  const rows = useMemo(
    () => (status.data ? queueRowsOf(status.data, policies.data, loads.data) : []),
    [status.data, policies.data, loads.data],
  )
  const canPause = !policies.isRefused
  const columns = useMemo(
    () =>
      queueColumns({
        canPause,
        onPause: (name) => setAsking({ what: 'agent', name }),
        onResume: (name) => attempt(setPolicy(name, { unset: ['paused'] }), `${name} goes on`),
      }),
    [canPause, setPolicy],
  )
  const types = useMemo(() => {
    const active = new Map((status.data?.queues.tasks ?? []).map((task) => [task.type, task.active]))
    const pauseOf = new Map(pauses.map((pause) => [pause.name ?? '', pause]))
    return [...new Set([...active.keys(), ...pauseOf.keys()])]
      .sort()
      .map((type): TypeRow => ({ type, active: active.get(type) ?? 0, pause: pauseOf.get(type) }))
  }, [status.data, pauses])
  const pause = async (reason: string) => {
    const { what, name } = asking!
    if (what === 'agent') await setPolicy(name, { set: { paused: true } })
    else await setPause(name, true, reason)
    toast({ title: `${name} is paused` })
  }
  usePaletteCommands(
    canPause
      ? [
          ...rows.map(({ agent, isPaused }) => ({
            label: `${isPaused ? 'Resume' : 'Pause'} queue ${agent}`,
            icon: isPaused ? ('play' as const) : ('pause' as const),
            run: () =>
              isPaused
                ? attempt(setPolicy(agent, { unset: ['paused'] }), `${agent} goes on`)
                : setAsking({ what: 'agent', name: agent }),
          })),
          ...types.map(({ type, pause: paused }) => ({
            label: `${paused ? 'Resume' : 'Pause'} tasks of type ${type}`,
            icon: paused ? ('play' as const) : ('pause' as const),
            run: () =>
              paused
                ? attempt(setPause(type, false), `${type} goes on`)
                : setAsking({ what: 'task type', name: type }),
          })),
        ]
      : [],
  )
  const intake = status.data?.queues.intake
  return (
    <div className="page">
      <PageHeader
        title="Queues"
        meta={
          <>
            {intake && (
              <span className="number">
                {formatCount(intake.waiting)} submissions not looked at, {formatCount(intake.inWork)} in work
              </span>
            )}
            {!canPause && <span>pausing needs a key with the scope policies:write</span>}
          </>
        }
      >
        <Link href="/dead-letters" className="button">
          Dead letters
        </Link>
      </PageHeader>
      {status.error && <ErrorPanel problem={toProblemError(status.error)} onRetry={status.refetch} />}
      {status.isPending && <Loading label="Counting what waits" />}
      {status.data && (
        <>
          <h2>Steps, by the agent that they wait for</h2>
          <PlainTable
            label="Queues of steps"
            columns={columns}
            rows={rows}
            keyOf={({ agent }) => agent}
            empty={<EmptyState title="No agent has a queue" icon="queue" />}
          />
          <h2>Tasks that have not ended, by type</h2>
          <PlainTable
            label="Tasks by type"
            columns={typeColumns({
              canPause,
              onPause: (name) => setAsking({ what: 'task type', name }),
              onResume: (name) => attempt(setPause(name, false), `${name} goes on`),
            })}
            rows={types}
            keyOf={({ type }) => type}
            empty={<EmptyState title="No task is in flight" icon="check" />}
          />
        </>
      )}
      {asking && <PauseDialog {...asking} onPause={pause} onClose={() => setAsking(undefined)} />}
    </div>
  )
}

function typeColumns({
  canPause,
  onPause,
  onResume,
}: {
  canPause: boolean
  onPause: (name: string) => void
  onResume: (name: string) => void
}): readonly Omit<Column<TypeRow>, 'width'>[] {
  return [
    {
      id: 'type',
      title: 'Type',
      cell: ({ type, pause }) => (
        <span className="queue-name">
          <Link href={`/tasks?type=${encodeURIComponent(type)}`}>{type}</Link>
          {pause && <span className="badge warn">paused</span>}
          {pause?.reason && <span className="dim">{pause.reason}</span>}
        </span>
      ),
    },
    { id: 'active', title: 'In flight', align: 'end', cell: ({ active }) => formatCount(active) },
    {
      id: 'action',
      title: '',
      align: 'end',
      cell: ({ type, pause }) =>
        canPause && (
          <button
            type="button"
            className="button small"
            onClick={() => (pause ? onResume(type) : onPause(type))}
          >
            {pause ? 'Resume' : 'Pause'}
            <span className="sr-only"> tasks of type {type}</span>
          </button>
        ),
    },
  ]
}
