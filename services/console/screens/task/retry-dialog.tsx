import { lazy, Suspense, useMemo, useState } from 'react'
import { useLocation } from 'wouter'
import type { TaskState } from '#schemas/task.ts'
import type { RetryTaskResponse } from '#schemas/task-controls.ts'
import { AsCommand } from '../../components/as-command.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ErrorPanel } from '../../components/error-panel.tsx'
import { toast } from '../../components/toasts.tsx'
import { api, ask } from '../../data/api.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { newRequestId } from '../../data/request-id.ts'
import { diffLines } from './diff-lines.ts'
import {
  draftOf,
  inputAsItWas,
  inputOf,
  type RetryBody,
  type RetryDraft,
  retryBody,
  stepsAgain,
} from './retry-draft.ts'
import { TextDiff } from './text-diff.tsx'

const TaskInputForm = lazy(() => import('./task-input-form.tsx'))

/** Runs a task again that is over: what failed, or from a step on, with the input of that step and of the task as they were or changed. */
export function RetryDialog({
  task,
  fromStep,
  onClose,
}: {
  task: TaskState
  fromStep?: string | undefined
  onClose: () => void
}) {
  const [, navigate] = useLocation()
  const [draft, setDraft] = useState<RetryDraft>(() => draftOf(task, fromStep))
  const [problem, setProblem] = useState<ProblemError>()
  const [isBusy, setBusy] = useState(false)
  const [requestId] = useState(newRequestId)
  const built = retryBody(task, draft, requestId)
  const run = async () => {
    if ('fault' in built) return
    setBusy(true)
    setProblem(undefined)
    try {
      const answer = (await ask(
        api.POST('/v1/tasks/{id}/retry', { params: { path: { id: task.id } }, body: built.body as never }),
      )) as unknown as RetryTaskResponse
      toast({ title: 'Started again', detail: `${answer.kept.length} steps keep their results` })
      onClose()
      navigate(`/tasks/${answer.taskId}`)
    } catch (error) {
      setProblem(toProblemError(error))
      setBusy(false)
    }
  }
  return (
    <Dialog title={draft.fromStep ? `Retry from ${draft.fromStep}` : 'Retry'} onClose={onClose} size="wide">
      <div className="stack">
        <label className="field">
          <span>Run again</span>
          <select
            value={draft.fromStep ?? ''}
            onChange={({ target }) =>
              setDraft({ ...draftOf(task, target.value || undefined), taskInput: draft.taskInput })
            }
          >
            <option value="">what failed or was not reached</option>
            {task.plan.steps.map(({ id }) => (
              <option key={id} value={id}>
                {id} and all that follows from it
              </option>
            ))}
          </select>
        </label>
        <Consequences task={task} built={built} />
        {draft.step && draft.stepInput !== undefined && (
          <StepInput
            task={task}
            draft={draft}
            isWrong={'fault' in built && built.field === 'step'}
            onChange={(stepInput) => setDraft({ ...draft, stepInput })}
          />
        )}
        <TaskInput
          task={task}
          text={draft.taskInput}
          isFirst={draft.stepInput === undefined}
          isWrong={'fault' in built && built.field === 'task'}
          onChange={(taskInput) => setDraft({ ...draft, taskInput })}
        />
        {'fault' in built ? (
          <p className="field-error" role="alert">
            {built.fault}
          </p>
        ) : (
          <AsCommand
            action={{
              ...(!('plan' in built.body) && {
                murmur: [
                  ...['retry', task.id, ...(draft.fromStep ? ['--from', draft.fromStep] : [])],
                  ...('input' in built.body ? ['--input', JSON.stringify(built.body.input)] : []),
                ],
              }),
              rest: { method: 'POST', path: `/v1/tasks/${task.id}/retry`, body: built.body },
              nats: { subject: 'murmur.tasks.retry', body: { taskId: task.id, ...built.body } },
            }}
          />
        )}
        {problem && <ErrorPanel problem={problem} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Back
          </button>
          <button
            type="button"
            className="button primary"
            disabled={isBusy || 'fault' in built}
            onClick={() => void run()}
          >
            {isBusy ? 'Starting…' : 'Retry'}
          </button>
        </div>
      </div>
    </Dialog>
  )
}

/** Which steps run again, said before it is done. */
function Consequences({ task, built }: { task: TaskState; built: RetryBody }) {
  if ('fault' in built) return null
  const { again, kept } = stepsAgain(task, built.body)
  return (
    <p className="dim">
      A new task.{' '}
      {again.length === 0
        ? 'No step runs again'
        : `${listOf(again)} ${again.length === 1 ? 'runs' : 'run'} again`}
      {kept.length > 0 &&
        `; ${listOf(kept)} ${kept.length === 1 ? 'keeps its result' : 'keep their results'}`}
      .
    </p>
  )
}

const MAX_NAMED = 6

function listOf(ids: readonly string[]): string {
  if (ids.length > MAX_NAMED)
    return `${ids.slice(0, MAX_NAMED - 1).join(', ')} and ${ids.length - MAX_NAMED + 1} more`
  return ids.length < 2 ? ids.join('') : `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`
}

/** What goes into the step, as the plan says it or with the values that it had; and what was changed. */
function StepInput({
  task,
  draft: { step, stepInput = '' },
  isWrong,
  onChange,
}: {
  task: TaskState
  draft: RetryDraft
  isWrong: boolean
  onChange: (text: string) => void
}) {
  const planned = useMemo(() => JSON.stringify(inputOf(step!), null, 2), [step])
  const wasGiven = useMemo(() => inputAsItWas(task, step!), [task, step])
  const error = task.steps[step!.id]?.error
  const changes = useMemo(() => (isWrong ? [] : diffLines(planned, stepInput)), [planned, stepInput, isWrong])
  return (
    <div className="stack tight">
      <label className="field">
        <span>Input of {step!.id}</span>
        <textarea
          rows={Math.min(14, Math.max(4, stepInput.split('\n').length + 1))}
          spellCheck={false}
          aria-invalid={isWrong}
          value={stepInput}
          onChange={(event) => onChange(event.target.value)}
        />
      </label>
      <div className="row small">
        <button
          type="button"
          className="link"
          disabled={stepInput === planned}
          onClick={() => onChange(planned)}
        >
          As the plan says it
        </button>
        {wasGiven !== undefined && (
          <button
            type="button"
            className="link"
            disabled={stepInput === wasGiven}
            onClick={() => onChange(wasGiven)}
          >
            With the values that it had
          </button>
        )}
        {error && (
          <span className="retry-error" title={error.message}>
            It failed with <code className="code">{error.code}</code> {error.message}
          </span>
        )}
      </div>
      {changes.length > 0 && (
        <TextDiff lines={changes} label={`What is changed in the input of ${step!.id}`} />
      )}
    </div>
  )
}

/** What goes into the task: as a form where its type or its template says what it is, and as JSON. */
function TaskInput({
  task,
  text,
  isFirst,
  isWrong,
  onChange,
}: {
  task: TaskState
  text: string
  isFirst: boolean
  isWrong: boolean
  onChange: (text: string) => void
}) {
  const hasForm = task.type === 'report' || task.type === 'monitor' || task.template !== undefined
  const [isForm, setForm] = useState(false)
  const value = useMemo(() => objectIn(text), [text])
  return (
    <details className="section" open={isFirst}>
      <summary>Input of the task</summary>
      <div className="stack tight">
        {hasForm && (
          <fieldset className="segmented" aria-label="Input of the task as">
            <button type="button" aria-pressed={!isForm} onClick={() => setForm(false)}>
              JSON
            </button>
            <button type="button" aria-pressed={isForm} disabled={!value} onClick={() => setForm(true)}>
              Form
            </button>
          </fieldset>
        )}
        {isForm && value ? (
          <Suspense fallback={<p className="dim">Loading…</p>}>
            <TaskInputForm
              task={task}
              value={value}
              onChange={(next) => onChange(JSON.stringify(next, null, 2))}
            />
          </Suspense>
        ) : (
          <textarea
            className="input"
            aria-label="Input of the task"
            rows={Math.min(12, Math.max(4, text.split('\n').length + 1))}
            spellCheck={false}
            aria-invalid={isWrong}
            value={text}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
        <p className="dim small">
          Steps that are not run again keep what they made of the input that it had.
        </p>
      </div>
    </details>
  )
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
