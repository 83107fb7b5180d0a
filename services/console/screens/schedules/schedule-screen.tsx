import '../../components/plain-table.css'
import './schedules.css'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Schedule } from '#schemas/schedule.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ConfirmDialog } from '../../components/confirm-dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { JsonTree } from '../../components/json-tree.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { toast, toastProblem } from '../../components/toasts.tsx'
import { chance, nowMs } from '../../data/clock.ts'
import { toProblemError } from '../../data/problem.ts'
import { NextRuns } from './next-runs.tsx'
import { CATCH_UP, OVERLAP } from './schedule-choices.ts'
import { ScheduleDialog } from './schedule-dialog.tsx'
import { skippedText, skipText, whenOf } from './schedule-text.ts'
import { useSchedule, useScheduleActions } from './use-schedules.ts'

type Asking = 'edit' | 'pause' | 'delete'

export default function ScheduleScreen({ params }: { params: Readonly<Record<string, string>> }) {
  const name = params.name!
  const { data: schedule, error, refetch } = useSchedule(name)
  const actions = useScheduleActions()
  const [asking, setAsking] = useState<Asking>()
  const [reason, setReason] = useState('')
  const [, navigate] = useLocation()
  if (!schedule)
    return error ? (
      <div className="page">
        <PageHeader title={name} />
        <ErrorPanel problem={toProblemError(error)} onRetry={refetch} />
        <Link href="/schedules">All schedules</Link>
      </div>
    ) : (
      <Loading label="Reading the schedule" />
    )
  const attempt = (doing: Promise<unknown>, done: string) =>
    void doing.then(
      () => toast({ title: done }),
      (fault: unknown) => toastProblem(toProblemError(fault), 'Nothing was changed'),
    )
  const trigger = async () => {
    const taskId = await actions.trigger(
      name,
      `console-${nowMs().toString(36)}-${chance().toString(36).slice(2, 8)}`,
    )
    if (taskId) navigate(`/tasks/${taskId}`)
  }
  const close = () => setAsking(undefined)
  return (
    <div className="page">
      <PageHeader
        title={
          <>
            {name} {schedule.paused && <span className="badge warn">paused</span>}
          </>
        }
        tab={name}
        meta={
          <>
            <Link href="/schedules">All schedules</Link>
            <span className="mono">{whenOf(schedule)}</span>
          </>
        }
      >
        <button type="button" className="button" onClick={() => setAsking('delete')}>
          <Icon name="x" /> Delete
        </button>
        {schedule.paused ? (
          <button
            type="button"
            className="button"
            onClick={() => attempt(actions.resume(name), `${name} goes on`)}
          >
            <Icon name="play" /> Resume
          </button>
        ) : (
          <button type="button" className="button" onClick={() => setAsking('pause')}>
            <Icon name="pause" /> Pause
          </button>
        )}
        <button type="button" className="button" onClick={() => setAsking('edit')}>
          <Icon name="draw" /> Change
        </button>
        <button type="button" className="button primary" onClick={() => attempt(trigger(), `${name} runs`)}>
          <Icon name="play" /> Run now
        </button>
      </PageHeader>
      <div className="schedule-columns">
        <section className="card padded stack" aria-label="Runs">
          <h2>Next runs</h2>
          {schedule.nextRuns.length > 0 ? (
            <NextRuns runs={schedule.nextRuns} />
          ) : (
            <p className="dim">
              {schedule.paused
                ? `None while it is paused${schedule.paused.reason ? `: ${schedule.paused.reason}` : ''}.`
                : 'None: it is over.'}
            </p>
          )}
          <History schedule={schedule} />
        </section>
        <section className="card padded stack" aria-label="What it submits">
          <h2>What each run submits</h2>
          <JsonTree value={schedule.submission} name="the submission" openDepth={3} />
          <dl className="fact-list">
            <div>
              <dt>While the last one runs</dt>
              <dd>{OVERLAP[schedule.overlap]}</dd>
            </div>
            <div>
              <dt>Runs that came too late</dt>
              <dd>{CATCH_UP[schedule.catchUp.policy]}</dd>
            </div>
          </dl>
          <Link href={`/tasks?label=${encodeURIComponent(`murmur.schedule=${name}`)}`}>All of its tasks</Link>
        </section>
      </div>
      <AsCommand
        action={{
          murmur: ['schedules', 'trigger', name],
          rest: { method: 'POST', path: `/v1/schedules/${name}/trigger`, body: {} },
          nats: { subject: 'murmur.schedules.trigger', body: { name } },
        }}
      />
      {asking === 'edit' && <ScheduleDialog schedule={schedule} onClose={close} />}
      {asking === 'pause' && (
        <ConfirmDialog
          title={`Pause ${name}?`}
          action="Pause"
          onClose={close}
          onConfirm={async () => {
            await actions.pause(name, reason)
            toast({
              title: `${name} is paused`,
              undo: () => attempt(actions.resume(name), `${name} goes on`),
            })
          }}
        >
          <p>It starts nothing until it is resumed; what passes meanwhile is not caught up on.</p>
          <label className="field">
            <span>Reason (optional)</span>
            <input maxLength={500} value={reason} onChange={({ target }) => setReason(target.value)} />
          </label>
        </ConfirmDialog>
      )}
      {asking === 'delete' && (
        <ConfirmDialog
          title={`Delete ${name}?`}
          action="Delete"
          isDangerous
          onClose={close}
          onConfirm={async () => {
            await actions.remove(name)
            toast({ title: `${name} is deleted` })
            navigate('/schedules')
          }}
        >
          <p>Its tasks go on. A new schedule of the same name is another one.</p>
        </ConfirmDialog>
      )}
    </div>
  )
}

function History({ schedule }: { schedule: Schedule }) {
  const { lastRun, lastSkip, running, counts, queuedAtMs } = schedule
  return (
    <>
      <h2>Until now</h2>
      <dl className="fact-list">
        <div>
          <dt>Started</dt>
          <dd className="number">{counts.started}</dd>
        </div>
        <div>
          <dt>Not started</dt>
          <dd>{skippedText(counts) ?? 'none'}</dd>
        </div>
        {lastRun && (
          <div>
            <dt>Last run</dt>
            <dd>
              <Link href={`/tasks/${lastRun.taskId}`}>
                <RelativeTime atMs={lastRun.startedAtMs} />
              </Link>
            </dd>
          </div>
        )}
        {queuedAtMs !== undefined && (
          <div>
            <dt>Waits for the last one</dt>
            <dd>
              <RelativeTime atMs={queuedAtMs} />
            </dd>
          </div>
        )}
      </dl>
      {lastSkip && (
        <p className="dim">
          Left out <RelativeTime atMs={lastSkip.scheduledAtMs} />: {skipText(lastSkip.why)}
          {lastSkip.problem && (
            <>
              {' '}
              <code className="code">{lastSkip.problem.code}</code> {lastSkip.problem.message}
            </>
          )}
        </p>
      )}
      {running.length > 0 && (
        <ul className="next-runs">
          {running.map(({ taskId, startedAtMs }) => (
            <li key={taskId}>
              <Link href={`/tasks/${taskId}`} className="mono">
                {taskId.slice(0, 12)}
              </Link>
              <span className="dim">
                runs since <RelativeTime atMs={startedAtMs} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
