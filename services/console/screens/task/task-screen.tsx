import './task.css'
import './parts.css'
import { useState, useSyncExternalStore } from 'react'
import { Link } from 'wouter'
import type { TaskState } from '#schemas/task.ts'
import { isTerminal } from '#schemas/task-status.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { CopyButton } from '../../components/copy-button.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Duration, RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { nowMs } from '../../data/clock.ts'
import { useUrlState } from '../../data/url-state.ts'
import { TaskDashboards } from '../system/dashboards.tsx'
import { EventLog } from './event-log.tsx'
import { PRIORITY_NAMES } from './priorities.ts'
import { RetryDialog } from './retry-dialog.tsx'
import { Scrubber } from './scrubber.tsx'
import { StepGraph } from './step-graph.tsx'
import { StepPanel } from './step-panel.tsx'
import { PauseCommands, TaskActions } from './task-actions.tsx'
import { useTask } from './use-task.ts'
import { useTaskHistory } from './use-task-history.ts'
import { ValueView } from './value-view.tsx'
import { Waterfall } from './waterfall.tsx'

/** One task: its plan, its time and its log in step with each other, and all of the step that is chosen. */
export default function TaskScreen({ params }: { params: Readonly<Record<string, string>> }) {
  const taskId = params.id!
  const watched = useTask(taskId)
  const { task, problem } = watched
  if (!task)
    return (
      <div className="page">
        {problem ? <ErrorPanel problem={problem} onRetry={watched.refresh} /> : <Loading label="Task" />}
      </div>
    )
  return <Shown key={taskId} watched={watched} task={task} />
}

function Shown({ watched, task: now }: { watched: ReturnType<typeof useTask>; task: TaskState }) {
  const [state, set] = useUrlState(['step', 'at'])
  const [retryFrom, setRetryFrom] = useState<{ step: string | undefined }>()
  const isNarrow = useIsNarrow()
  const atText = state.text('at')
  const asked = atText === undefined ? undefined : Math.max(0, Math.floor(Number(atText)) || 0)
  const history = useTaskHistory(now, asked)
  // What comes last is now.
  const at = asked !== undefined && asked < history.count - 1 ? asked : undefined
  const moment = at === undefined ? undefined : history.moment
  const task = moment?.state ?? now
  const selected = state.text('step') ?? firstOfInterest(now)
  const select = (stepId: string) => set({ step: stepId })
  const isOver = isTerminal(now.status)
  const { attempts } = history
  const trace = now.traceparent?.split('-')[1]
  return (
    <div className="page task-page">
      <PageHeader
        tab={`${now.type} ${now.id.slice(0, 10)}`}
        title={
          <>
            {now.type} <StatusBadge status={task.status} />
            {moment && <span className="badge warn">as it was</span>}
          </>
        }
        meta={
          <>
            <span className="mono">
              {now.id} <CopyButton text={now.id} label="Copy the id" />
            </span>
            <span>
              created <RelativeTime atMs={now.createdAtMs} />
            </span>
            <span>
              {isOver ? 'took' : 'for'} <Duration fromMs={now.createdAtMs} toMs={now.finishedAtMs} />
            </span>
            <span>priority {PRIORITY_NAMES[now.priority]}</span>
            {now.type === 'report' && <Link href={`/tasks/${now.id}/report`}>the report</Link>}
            {now.template && <span>template {now.template}</span>}
            {now.retryOf && (
              <span>
                retry of <Link href={`/tasks/${now.retryOf}`}>{now.retryOf.slice(0, 10)}</Link>
              </span>
            )}
            {now.parent && (
              <span>
                child of <Link href={`/tasks/${now.parent.taskId}`}>{now.parent.taskId.slice(0, 10)}</Link>
              </span>
            )}
            {trace && (
              <span>
                trace{' '}
                <Link href={`/system?trace=${trace}`} className="mono">
                  {trace.slice(0, 8)}
                </Link>{' '}
                <CopyButton text={trace} label="Copy the trace id" />
              </span>
            )}
            {Object.entries(now.labels ?? {}).map(([name, value]) => (
              <Link
                key={name}
                className="chip"
                href={`/tasks?label=${encodeURIComponent(`${name.replace(/[\\:]/g, '\\$&')}:${value}`)}`}
              >
                {name}: {value}
              </Link>
            ))}
          </>
        }
      >
        <TaskDashboards
          type={now.type}
          trace={trace}
          fromMs={now.createdAtMs}
          toMs={now.finishedAtMs ?? nowMs()}
        />
        <TaskActions task={now} onDone={watched.refresh} onRetry={() => setRetryFrom({ step: undefined })} />
      </PageHeader>
      {now.error && !moment && (
        <div className="step-error" role="group" aria-label="Error of the task">
          <code className="code">{now.error.code}</code>
          <pre>{now.error.message}</pre>
          {now.error.stepId && (
            <button type="button" className="link" onClick={() => select(now.error!.stepId!)}>
              step {now.error.stepId}
            </button>
          )}
        </div>
      )}
      <div className="task-grid">
        <div className="task-main">
          <div className="card">
            <StepGraph
              plan={task.plan}
              steps={task.steps}
              selected={selected}
              onSelect={select}
              isNarrow={isNarrow}
            />
          </div>
          {history.count > 0 && (
            <Scrubber
              {...history}
              at={at}
              onMove={(to) => set({ at: to === undefined ? undefined : String(to) })}
            />
          )}
          <div className="card">
            <Waterfall
              task={now}
              attempts={attempts}
              selected={selected}
              onSelect={select}
              atMs={moment?.event.atMs}
              isNarrow={isNarrow}
            />
          </div>
          <div className="card">
            <EventLog
              moments={history.moments}
              live={watched.events}
              at={at}
              count={history.count}
              selected={selected}
              onSelect={(stepId, index) =>
                set({
                  ...(stepId !== undefined && { step: stepId }),
                  at: index === undefined || index >= history.count - 1 ? undefined : String(index),
                })
              }
            />
          </div>
        </div>
        <aside className="task-side">
          <div className="card padded">
            {selected && task.steps[selected] ? (
              <StepPanel
                key={selected}
                task={task}
                stepId={selected}
                attempts={attempts}
                streamed={watched.streams.get(selected)}
                onRetryFrom={isOver && !moment ? () => setRetryFrom({ step: selected }) : undefined}
              />
            ) : (
              <p className="dim">Choose a step.</p>
            )}
          </div>
          <div className="card padded stack">
            <details className="section" open={now.output !== undefined}>
              <summary>Output of the task</summary>
              <ValueView value={now.output} name="output of the task" />
            </details>
            <details className="section">
              <summary>Input of the task</summary>
              <ValueView value={now.input} name="input of the task" />
            </details>
            <AsCommand
              action={{
                murmur: ['show', now.id],
                rest: { method: 'GET', path: `/v1/tasks/${now.id}` },
                nats: { subject: 'murmur.tasks.get', body: { taskId: now.id } },
              }}
            />
            <PauseCommands task={now} />
            <p className="dim small">
              Once it is archived: <code>murmur history replay {now.id}</code>. Lines in logs of services have
              its id as <code>taskId</code>.
            </p>
          </div>
        </aside>
      </div>
      {retryFrom && (
        <RetryDialog task={now} fromStep={retryFrom.step} onClose={() => setRetryFrom(undefined)} />
      )}
    </div>
  )
}

/** What somebody who opens a task wants to see: what failed, else what it waits for, else its end. */
function firstOfInterest({ plan, steps, error }: TaskState): string | undefined {
  const find = (statuses: readonly string[]) =>
    plan.steps.find(({ id }) => statuses.includes(steps[id]?.status ?? ''))?.id
  return (
    error?.stepId?.split('.')[0] ??
    find(['failed']) ??
    find(['awaiting-approval', 'awaiting-signal', 'backoff']) ??
    find(['dispatched', 'running']) ??
    find(['sleeping']) ??
    plan.steps.at(-1)?.id
  )
}

const NARROW = '(max-width: 760px)'

function useIsNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(NARROW)
      query.addEventListener('change', listener)
      return () => query.removeEventListener('change', listener)
    },
    () => matchMedia(NARROW).matches,
  )
}
