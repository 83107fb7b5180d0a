import './schedules.css'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { ScheduleSummary } from '#schemas/schedule.ts'
import { usePaletteCommands } from '../../app/page-commands.ts'
import type { Column } from '../../components/data-table.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { PlainTable } from '../../components/plain-table.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { toProblemError } from '../../data/problem.ts'
import { newRequestId } from '../../data/request-id.ts'
import { scheduleCommands } from './schedule-commands.ts'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { localText, skippedText, whenOf } from './schedule-text.ts'
import { useScheduleActions, useSchedules } from './use-schedules.ts'

const COLUMNS: readonly Omit<Column<ScheduleSummary>, 'width'>[] = [
  {
    id: 'name',
    title: 'Schedule',
    cell: ({ name, type, paused }) => (
      <span className="schedule-name">
        <Link href={`/schedules/${name}`}>{name}</Link>
        <span className="dim">{type}</span>
        {paused && <span className="badge warn">paused</span>}
      </span>
    ),
  },
  {
    id: 'when',
    title: 'Runs',
    isWide: true,
    cell: (schedule) => <span className="mono">{whenOf(schedule)}</span>,
  },
  {
    id: 'next',
    title: 'Next run',
    cell: ({ nextRuns: [next] }) =>
      next ? (
        <span title={localText(next.local)}>
          <RelativeTime atMs={next.atMs} />
        </span>
      ) : (
        <span className="dim">none</span>
      ),
  },
  {
    id: 'last',
    title: 'Last run',
    cell: ({ lastRun }) =>
      lastRun ? (
        <Link href={`/tasks/${lastRun.taskId}`}>
          <RelativeTime atMs={lastRun.startedAtMs} />
        </Link>
      ) : (
        <span className="dim">never</span>
      ),
  },
  { id: 'started', title: 'Started', align: 'end', isWide: true, cell: ({ counts }) => counts.started },
  {
    id: 'skipped',
    title: 'Not started',
    isWide: true,
    cell: ({ counts }) => <span className="dim">{skippedText(counts) ?? 'none'}</span>,
  },
]

export default function SchedulesScreen() {
  const { schedules, isPending, error, refetch, hasNextPage, fetchNextPage } = useSchedules()
  const [isMaking, setMaking] = useState(false)
  const actions = useScheduleActions()
  const [, navigate] = useLocation()
  const attempt = (doing: Promise<unknown>, done: string): void =>
    void doing.then(
      () => toast({ title: done }),
      (error: unknown) => toastProblem(toProblemError(error), 'Nothing was changed'),
    )
  usePaletteCommands([
    { label: 'New schedule', icon: 'plus', run: () => setMaking(true) },
    ...schedules.flatMap(({ name, paused }) => {
      return scheduleCommands(
        { name, paused: Boolean(paused) },
        {
          open: () => navigate(`/schedules/${name}`),
          trigger: () => attempt(actions.trigger(name, newRequestId()), `${name} runs`),
          pause: () => attempt(actions.pause(name, ''), `${name} is paused`),
          resume: () => attempt(actions.resume(name), `${name} goes on`),
        },
      )
    }),
  ])
  return (
    <div className="page">
      <PageHeader
        title="Schedules"
        meta={
          <span className="number">
            {schedules.length}
            {hasNextPage ? '+' : ''} {schedules.length === 1 ? 'schedule' : 'schedules'}
          </span>
        }
      >
        <button type="button" className="button primary" onClick={() => setMaking(true)}>
          <Icon name="plus" /> New schedule
        </button>
      </PageHeader>
      {error && <ErrorPanel problem={toProblemError(error)} onRetry={refetch} />}
      {isPending ? (
        <Loading label="Reading schedules" />
      ) : (
        <PlainTable
          label="Schedules"
          columns={COLUMNS}
          rows={schedules}
          keyOf={({ name }) => name}
          empty={
            <EmptyState title="No schedule yet" icon="calendar">
              A schedule starts a task at times of its own: by a cron, or at an interval.
            </EmptyState>
          }
        />
      )}
      {hasNextPage && (
        <button type="button" className="button" onClick={() => void fetchNextPage()}>
          Show more
        </button>
      )}
      {isMaking && <ScheduleDialog onClose={() => setMaking(false)} />}
    </div>
  )
}
