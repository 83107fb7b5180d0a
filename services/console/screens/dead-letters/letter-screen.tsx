import '../../components/plain-table.css'
import './dead-letters.css'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Link } from 'wouter'
import type { GetDeadLetterResponse } from '#schemas/dead-letter.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { Icon } from '../../components/icon.tsx'
import { JsonTree } from '../../components/json-tree.tsx'
import { Loading } from '../../components/loading.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { ClockTime, RelativeTime } from '../../components/relative-time.tsx'
import { toast } from '../../components/toasts.tsx'
import { formatBytes } from '../../data/format.ts'
import { ProblemError as Problem, type ProblemError, toProblemError } from '../../data/problem.ts'
import { changeLetters, newRequestId } from './change-letters.ts'
import { LetterDialog } from './letter-dialog.tsx'
import { parseInput, stepInputOf } from './step-input.ts'
import { useLetter } from './use-letters.ts'

export default function LetterScreen({ params }: { params: Readonly<Record<string, string>> }) {
  const seq = Number(params.seq)
  const { data, error, refetch } = useLetter(seq)
  const [isPurging, setPurging] = useState(false)
  const target = useMemo(() => ({ seqs: [seq] }), [seq])
  if (error && !data)
    return (
      <div className="page">
        <PageHeader title={`Dead letter ${seq}`} />
        <ErrorPanel problem={toProblemError(error)} onRetry={refetch} />
        <Link href="/dead-letters">All dead letters</Link>
      </div>
    )
  if (!data) return <Loading label="Reading the letter" />
  const { deadLetter: letter, content } = data
  return (
    <div className="page">
      <PageHeader
        title={`Dead letter ${seq}`}
        meta={
          <>
            <Link href="/dead-letters">All dead letters</Link>
            <span>
              given up <RelativeTime atMs={letter.atMs} />
            </span>
          </>
        }
      >
        <button type="button" className="button" onClick={() => setPurging(true)}>
          <Icon name="x" /> Delete
        </button>
      </PageHeader>
      {letter.replayed && (
        <p className="card padded letter-replayed" role="status">
          Replayed <RelativeTime atMs={letter.replayed.atMs} /> as{' '}
          <Link href={`/tasks/${letter.replayed.taskId}`}>task {letter.replayed.taskId.slice(0, 12)}</Link>.
        </p>
      )}
      <section className="card padded stack" aria-label="What happened">
        <h2>
          {letter.code && <code className="code">{letter.code}</code>} {letter.reason ?? 'No reason was told'}
        </h2>
        <dl className="fact-list">
          <Fact name="Agent">
            <Link href={`/agents?type=${letter.agent}`}>{letter.agent}</Link>
          </Fact>
          <Fact name="Step">{letter.stepId}</Fact>
          <Fact name="Task">
            {letter.taskId && <Link href={`/tasks/${letter.taskId}`}>{letter.taskId.slice(0, 12)}</Link>}
          </Fact>
          <Fact name="Type of the task">{letter.taskType}</Fact>
          <Fact name="Last attempt">{letter.attempt}</Fact>
          <Fact name="Given up">
            <ClockTime atMs={letter.atMs} />
          </Fact>
          <Fact name="Size">{formatBytes(letter.bytes)}</Fact>
        </dl>
      </section>
      <Replay key={seq} seq={seq} content={content} />
      <details className="card padded">
        <summary>The message as it was sent</summary>
        <JsonTree value={content} name="the message" openDepth={1} />
      </details>
      {isPurging && (
        <LetterDialog
          action="purge"
          target={target}
          about={`letter ${seq}`}
          onClose={() => {
            setPurging(false)
            void refetch()
          }}
        />
      )}
    </div>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  if (children === undefined || children === '') return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** The step once more, with the input that it had or another one. */
function Replay({ seq, content }: { seq: number; content: GetDeadLetterResponse['content'] }) {
  const client = useQueryClient()
  const original = useMemo(() => JSON.stringify(stepInputOf(content), null, 2), [content])
  const [text, setText] = useState(original ?? '')
  const [problem, setProblem] = useState<ProblemError>()
  const [isBusy, setBusy] = useState(false)
  const [requestId, setRequestId] = useState(newRequestId)
  if (original === undefined)
    return <p className="card padded dim">This letter holds no step, so it can not be replayed.</p>
  const parsed = parseInput(text)
  const fault = 'fault' in parsed ? parsed.fault : undefined
  const isEdited = text !== original
  const replay = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      const change = {
        action: 'replay' as const,
        target: { seqs: [seq] },
        dryRun: false,
        requestId,
        ...(isEdited && 'value' in parsed && { input: parsed.value }),
      }
      for await (const [result] of changeLetters(change, new AbortController().signal)) {
        if (result?.outcome === 'failed') throw new Problem(result.problem!)
        toast({ title: 'Replayed', detail: `as task ${result?.taskId}` })
      }
      // The next one is another replay, not the same once more.
      setRequestId(newRequestId())
      await client.invalidateQueries({ queryKey: ['dead-letter', seq] })
    } catch (error) {
      setProblem(toProblemError(error))
    }
    setBusy(false)
  }
  return (
    <section className="card padded stack" aria-label="Replay">
      <label className="field">
        <span>Input of the step</span>
        <textarea
          rows={Math.min(18, Math.max(4, text.split('\n').length))}
          spellCheck={false}
          value={text}
          aria-invalid={fault !== undefined}
          aria-describedby={fault ? 'letter-fault' : undefined}
          onChange={({ target }) => setText(target.value)}
        />
        {fault && (
          <span className="field-error" id="letter-fault">
            This is no JSON: {fault}
          </span>
        )}
      </label>
      {problem && <ErrorPanel problem={problem} />}
      <div className="actions">
        {isEdited && (
          <button type="button" className="button" onClick={() => setText(original)}>
            <Icon name="undo" /> As it was
          </button>
        )}
        <button
          type="button"
          className="button primary"
          disabled={isBusy || fault !== undefined}
          onClick={() => void replay()}
        >
          <Icon name="retry" /> {isEdited ? 'Replay with this input' : 'Replay'}
        </button>
      </div>
      <AsCommand
        action={{
          murmur: isEdited
            ? ['dlq', 'edit', String(seq), '--input', text, '--request-id', requestId]
            : ['dlq', 'replay', String(seq), '--request-id', requestId],
          rest: {
            method: 'POST',
            path: '/v1/dead-letters/replay',
            body: { seqs: [seq], requestId, ...(isEdited && 'value' in parsed && { input: parsed.value }) },
          },
          nats: {
            subject: 'murmur.dead-letters.replay',
            body: { seqs: [seq], requestId, ...(isEdited && 'value' in parsed && { input: parsed.value }) },
          },
        }}
      />
    </section>
  )
}
