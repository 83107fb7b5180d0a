import { useMemo, useState } from 'react'
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

/** Runs a task again that is over: what failed, or from a step on, with its input as it was or changed. */
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
  const given = useMemo(() => JSON.stringify(task.input, null, 2), [task.input])
  const givenStep = useMemo(() => {
    const step = task.plan.steps.find(({ id }) => id === fromStep)
    return step?.input === undefined ? undefined : JSON.stringify(step.input, null, 2)
  }, [task.plan, fromStep])
  const [input, setInput] = useState(given)
  const [stepInput, setStepInput] = useState(givenStep)
  const [problem, setProblem] = useState<ProblemError>()
  const [isBusy, setBusy] = useState(false)
  const [requestId] = useState(newRequestId)
  const built = retryBody({ task, fromStep, input, given, stepInput, givenStep, requestId })
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
    <Dialog title={fromStep ? `Retry from ${fromStep}` : 'Retry'} onClose={onClose} size="wide">
      <div className="stack">
        <p className="dim">
          A new task with the same plan.{' '}
          {fromStep ? `${fromStep} and all that follows from it` : 'What failed or was not reached'} runs
          again; other steps keep their results.
        </p>
        {stepInput !== undefined && (
          <label className="field">
            <span>Input of {fromStep}</span>
            <textarea
              rows={8}
              spellCheck={false}
              aria-invalid={'fault' in built && built.field === 'step'}
              value={stepInput}
              onChange={(event) => setStepInput(event.target.value)}
            />
          </label>
        )}
        <label className="field">
          <span>Input of the task</span>
          <textarea
            rows={stepInput === undefined ? 10 : 4}
            spellCheck={false}
            aria-invalid={'fault' in built && built.field === 'task'}
            value={input}
            onChange={(event) => setInput(event.target.value)}
          />
        </label>
        {'fault' in built ? (
          <p className="field-error" role="alert">
            {built.fault}
          </p>
        ) : (
          <AsCommand
            action={{
              ...(!('input' in built.body) &&
                !('plan' in built.body) && {
                  murmur: ['retry', task.id, ...(fromStep ? ['--from', fromStep] : [])],
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

interface Edited {
  task: Pick<TaskState, 'plan'>
  fromStep: string | undefined
  input: string
  given: string
  stepInput: string | undefined
  givenStep: string | undefined
  requestId: string
}

function retryBody({
  task,
  fromStep,
  input,
  given,
  stepInput,
  givenStep,
  requestId,
}: Edited): { fault: string; field: 'task' | 'step' } | { body: Record<string, unknown> } {
  const body: Record<string, unknown> = { requestId, ...(fromStep && { fromSteps: [fromStep] }) }
  try {
    if (input !== given) body.input = JSON.parse(input)
  } catch (error) {
    return { fault: `The input of the task is no JSON: ${(error as Error).message}`, field: 'task' }
  }
  try {
    if (stepInput !== undefined && stepInput !== givenStep) {
      const changed: unknown = JSON.parse(stepInput)
      body.plan = {
        ...task.plan,
        steps: task.plan.steps.map((step) => (step.id === fromStep ? { ...step, input: changed } : step)),
      }
    }
  } catch (error) {
    return {
      fault: `The input of ${fromStep} is no JSON: ${(error as Error).message}`,
      field: 'step',
    }
  }
  return { body }
}
