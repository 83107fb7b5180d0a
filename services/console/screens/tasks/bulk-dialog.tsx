import { useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import type { ChangedTask } from '#schemas/task-controls.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { toastProblem } from '../../components/toasts.tsx'
import { formatCount } from '../../data/format.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { newRequestId } from '../../data/request-id.ts'
import { type BulkTarget, changeMany, murmurArguments } from './change-many.ts'
import type { BulkAction } from './task-filter.ts'

const DONE: Readonly<Record<BulkAction, string>> = {
  cancel: 'cancelled',
  pause: 'paused',
  resume: 'resumed',
  retry: 'started again',
}
const SHOWN_RESULTS = 500

/** Counts first what an action would do, then does it, and says of each task how it went. */
export function BulkDialog({
  action,
  target,
  about,
  onClose,
}: {
  action: BulkAction
  target: BulkTarget
  /** What it is about, in words: `12 selected tasks`. */
  about: string
  onClose: () => void
}) {
  const [planned, setPlanned] = useState<{ count: number; refused: number; isDone: boolean }>({
    count: 0,
    refused: 0,
    isDone: false,
  })
  const [results, setResults] = useState<readonly ChangedTask[]>()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemError>()
  const [reason, setReason] = useState('')
  const [requestId] = useState(newRequestId)
  const abort = useRef(new AbortController())

  useEffect(() => {
    const stop = new AbortController()
    const count = async () => {
      const sum = { count: 0, refused: 0 }
      for await (const page of changeMany({ action, target, dryRun: true, signal: stop.signal, requestId })) {
        for (const { outcome } of page) outcome === 'planned' ? sum.count++ : sum.refused++
        setPlanned({ ...sum, isDone: false })
      }
      setPlanned({ ...sum, isDone: true })
    }
    count().catch((error: unknown) => stop.signal.aborted || setProblem(toProblemError(error)))
    return () => stop.abort()
  }, [action, target, requestId])
  useEffect(() => () => abort.current.abort(), [])

  const run = async () => {
    setBusy(true)
    setProblem(undefined)
    const done: ChangedTask[] = []
    abort.current = new AbortController()
    const { signal } = abort.current
    try {
      for await (const page of changeMany({ action, target, dryRun: false, signal, reason, requestId })) {
        done.push(...page)
        setResults([...done])
      }
      setResults([...done])
    } catch (error) {
      if (!signal.aborted) {
        setProblem(toProblemError(error))
        toastProblem(toProblemError(error), `Not all tasks were ${DONE[action]}`)
      }
    }
    setBusy(false)
  }

  const words = { ...(reason !== '' && { reason }), ...(action === 'retry' && { requestId }) }
  const body = { action, ...target, ...words }
  const failed = results?.filter(({ outcome }) => outcome === 'failed') ?? []
  return (
    <Dialog title={`${capitalised(action)} ${about}`} onClose={onClose} size="wide">
      <div className="stack">
        {!results && (
          <>
            <p aria-live="polite">
              {planned.isDone ? '' : 'Counting… '}
              <strong className="number">{formatCount(planned.count)}</strong>{' '}
              {planned.count === 1 ? 'task would be' : 'tasks would be'} {DONE[action]}
              {planned.refused > 0 && <>; {formatCount(planned.refused)} can not be</>}.
            </p>
            {(action === 'cancel' || action === 'pause') && (
              <label className="field">
                <span>Reason (optional)</span>
                <input maxLength={1000} value={reason} onChange={(event) => setReason(event.target.value)} />
              </label>
            )}
          </>
        )}
        {results && (
          <>
            <p aria-live="polite">
              <strong className="number">{formatCount(results.length - failed.length)}</strong> {DONE[action]}
              {failed.length > 0 && (
                <>
                  , <strong className="number">{formatCount(failed.length)}</strong> not
                </>
              )}
              {isBusy ? '…' : '.'}
            </p>
            <ul className="results" aria-label="Result for each task">
              {[...failed, ...results.filter(({ outcome }) => outcome !== 'failed')]
                .slice(0, SHOWN_RESULTS)
                .map(({ taskId, type, status, outcome, problem: why, newTaskId }) => (
                  <li key={taskId}>
                    <Link href={`/tasks/${newTaskId ?? taskId}`} className="mono">
                      {taskId}
                    </Link>
                    <span className="dim">{type}</span>
                    {outcome === 'failed' ? (
                      <span>
                        <code className="code">{why?.code}</code> {why?.message}
                      </span>
                    ) : (
                      <span className="row">
                        {DONE[action]}
                        {newTaskId && <span className="mono dim">{newTaskId}</span>}
                      </span>
                    )}
                    {status && <StatusBadge status={status} />}
                  </li>
                ))}
            </ul>
            {results.length > SHOWN_RESULTS && (
              <p className="dim">and {results.length - SHOWN_RESULTS} more</p>
            )}
          </>
        )}
        {problem && <ErrorPanel problem={problem} />}
        <AsCommand
          action={{
            murmur: murmurArguments(action, target, words),
            rest: { method: 'POST', path: '/v1/tasks/change-many', body },
            nats: { subject: 'murmur.tasks.change-many', body },
          }}
        />
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {results && !isBusy ? 'Close' : 'Back'}
          </button>
          {!results && (
            <button
              type="button"
              className={`button ${action === 'cancel' ? 'danger' : 'primary'}`}
              disabled={isBusy || !planned.isDone || planned.count === 0}
              onClick={() => void run()}
            >
              {capitalised(action)} {formatCount(planned.count)}
            </button>
          )}
        </div>
      </div>
    </Dialog>
  )
}

function capitalised(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1)
}
