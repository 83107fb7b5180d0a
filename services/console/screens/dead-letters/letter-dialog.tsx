import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import type { DeadLetterResult } from '#schemas/dead-letter.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { formatCount } from '../../data/format.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { changeLetters, newRequestId } from './change-letters.ts'
import { dlqArguments, type LetterTarget } from './letter-filter.ts'

const SHOWN_RESULTS = 300
const WORDS = {
  replay: { title: 'Replay', would: 'would be run once more, as a task of its own', done: 'replayed' },
  purge: { title: 'Delete', would: 'would be deleted for good', done: 'deleted' },
} as const

/** Says first which letters it would be, then does it, and says of each how it went. */
export function LetterDialog({
  action,
  target,
  about,
  onClose,
}: {
  action: 'replay' | 'purge'
  target: LetterTarget
  about: string
  onClose: () => void
}) {
  const client = useQueryClient()
  const words = WORDS[action]
  const [planned, setPlanned] = useState<{ results: readonly DeadLetterResult[]; isWhole: boolean }>({
    results: [],
    isWhole: false,
  })
  const [results, setResults] = useState<readonly DeadLetterResult[]>()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ProblemError>()
  const [reason, setReason] = useState('')
  const [requestId] = useState(newRequestId)
  const abort = useRef(new AbortController())

  useEffect(() => {
    const stop = new AbortController()
    const count = async () => {
      const all: DeadLetterResult[] = []
      for await (const page of changeLetters({ action, target, dryRun: true, requestId }, stop.signal)) {
        all.push(...page)
        setPlanned({ results: [...all], isWhole: false })
      }
      setPlanned({ results: all, isWhole: true })
    }
    count().catch((error: unknown) => stop.signal.aborted || setProblem(toProblemError(error)))
    return () => stop.abort()
  }, [action, target, requestId])
  useEffect(() => () => abort.current.abort(), [])

  const run = async () => {
    setBusy(true)
    setProblem(undefined)
    abort.current = new AbortController()
    const { signal } = abort.current
    const all: DeadLetterResult[] = []
    try {
      const change = { action, target, dryRun: false, requestId, ...(reason && { reason }) }
      for await (const page of changeLetters(change, signal)) {
        all.push(...page)
        setResults([...all])
      }
      setResults(all)
    } catch (error) {
      if (!signal.aborted) setProblem(toProblemError(error))
    }
    setBusy(false)
    await client.invalidateQueries({ queryKey: ['dead-letters'] })
  }

  const possible = planned.results.filter(({ outcome }) => outcome === 'planned')
  const refused = planned.results.length - possible.length
  const again = possible.filter(({ deadLetter }) => deadLetter?.replayed).length
  const failed = results?.filter(({ outcome }) => outcome === 'failed').length ?? 0
  const shown = results ?? planned.results
  return (
    <Dialog title={`${words.title} ${about}`} onClose={onClose} size="wide">
      <div className="stack">
        {results ? (
          <p aria-live="polite">
            <strong className="number">{formatCount(results.length - failed)}</strong> {words.done}
            {failed > 0 && (
              <>
                , <strong className="number">{formatCount(failed)}</strong> not
              </>
            )}
            {isBusy ? '…' : '.'}
          </p>
        ) : (
          <p aria-live="polite">
            {planned.isWhole ? '' : 'Counting… '}
            <strong className="number">{formatCount(possible.length)}</strong>{' '}
            {possible.length === 1 ? 'letter' : 'letters'} {words.would}
            {refused > 0 && <>; {formatCount(refused)} can not be</>}.
            {action === 'replay' && again > 0 && (
              <> {formatCount(again)} of them were replayed before, and would be once more.</>
            )}
          </p>
        )}
        {action === 'purge' && !results && (
          <label className="field">
            <span>Reason (optional)</span>
            <input maxLength={500} value={reason} onChange={({ target: { value } }) => setReason(value)} />
          </label>
        )}
        {shown.length > 0 && (
          <ul className="letter-results" aria-label="Result for each letter">
            {shown.slice(0, SHOWN_RESULTS).map((result) => (
              <Result key={result.seq} result={result} done={words.done} />
            ))}
          </ul>
        )}
        {shown.length > SHOWN_RESULTS && <p className="dim">and {shown.length - SHOWN_RESULTS} more</p>}
        {problem && <ErrorPanel problem={problem} />}
        <AsCommand
          action={{
            murmur: dlqArguments(action, target, action === 'replay' ? requestId : undefined),
            rest: {
              method: 'POST',
              path: `/v1/dead-letters/${action}`,
              body: { ...target, ...(action === 'replay' && { requestId }) },
            },
            nats: {
              subject: `murmur.dead-letters.${action}`,
              body: { ...target, ...(action === 'replay' && { requestId }) },
            },
          }}
        />
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {results && !isBusy ? 'Close' : 'Back'}
          </button>
          {!results && (
            <button
              type="button"
              className={`button ${action === 'purge' ? 'danger' : 'primary'}`}
              disabled={isBusy || !planned.isWhole || possible.length === 0}
              onClick={() => void run()}
            >
              {words.title} {formatCount(possible.length)}
            </button>
          )}
        </div>
      </div>
    </Dialog>
  )
}

function Result({ result, done }: { result: DeadLetterResult; done: string }) {
  const { seq, outcome, deadLetter, taskId, duplicate, problem } = result
  return (
    <li>
      <Link href={`/dead-letters/${seq}`} className="mono">
        {seq}
      </Link>
      <span>
        {deadLetter?.agent} <span className="dim">{deadLetter?.stepId}</span>
      </span>
      {outcome === 'failed' ? (
        <span>
          <code className="code">{problem?.code}</code> {problem?.message}
        </span>
      ) : outcome === 'planned' ? (
        <span className="dim">{deadLetter?.code}</span>
      ) : taskId ? (
        <span>
          {duplicate ? 'was' : 'is'} <Link href={`/tasks/${taskId}`}>task {taskId.slice(0, 12)}</Link>
        </span>
      ) : (
        <span className="dim">{done}</span>
      )}
    </li>
  )
}
