import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { StepMessage, StepOutcome } from '#schemas/step-message.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { AgentContext, AnyAgentDefinition } from './define-agent.ts'
import { loadHandle, loadInput } from './load-input.ts'
import { storeOutput } from './payloads.ts'

export interface RunStepDeps {
  agent: AnyAgentDefinition
  bus: Bus
  blobs: BlobStore
  clock: Clock
  log: Log
  /** Aborted when the task ends otherwise. */
  signal: AbortSignal
}

/** Codes that no other attempt can mend. Everything else that is thrown may pass. */
const PERMANENT = new Set<string>(['LIMIT_EXCEEDED', 'BLOB_NOT_FOUND', 'OUTPUT_TOO_LARGE', 'INVALID_OUTCOME'])

/** One attempt of a step, from its input to its outcome: load → check → handle → check → store. Never throws. */
export async function runStep(step: StepMessage, deps: RunStepDeps): Promise<StepOutcome> {
  try {
    const isLazy = deps.agent.inputLoading === 'lazy'
    const input = deps.agent.input.safeParse(isLazy ? step.input : await loadInput(step.input, deps.blobs))
    if (!input.success) return failed('INVALID_STEP_INPUT', firstFault(input.error))
    const outcome = await handleInTime(step, input.data, deps)
    if (outcome.kind !== 'done') return outcome
    const output = deps.agent.output.safeParse(outcome.output)
    if (!output.success) return failed('INVALID_STEP_OUTPUT', firstFault(output.error))
    return { kind: 'done', output: await storeOutput(output.data as JsonValue, step, deps.blobs) }
  } catch (error) {
    return outcomeOf(error)
  }
}

/** The handler's own outcome, or a timeout: whichever comes first. A handler that ignores its signal is left behind. */
async function handleInTime(step: StepMessage, input: unknown, deps: RunStepDeps): Promise<StepOutcome> {
  const timeoutMs = Math.min(step.timeoutMs, deps.agent.limits?.timeoutMs ?? Number.POSITIVE_INFINITY)
  const controller = new AbortController()
  const onAbort = () => controller.abort(deps.signal.reason)
  deps.signal.addEventListener('abort', onAbort)
  let timer: NodeJS.Timeout | undefined
  const timedOut = new Promise<StepOutcome>((resolve) => {
    timer = setTimeout(() => {
      controller.abort(new Error('the attempt took too long'))
      const message = `agent "${deps.agent.name}" did not end within ${timeoutMs} ms`
      resolve({ kind: 'retry', error: { code: 'STEP_TIMEOUT', message } })
    }, timeoutMs)
  })
  try {
    const handled = Promise.resolve(
      deps.agent.handle(input as never, contextOf(step, controller.signal, deps)),
    )
    return await Promise.race([handled as Promise<StepOutcome>, timedOut])
  } finally {
    clearTimeout(timer)
    deps.signal.removeEventListener('abort', onAbort)
  }
}

function contextOf(step: StepMessage, signal: AbortSignal, deps: RunStepDeps): AgentContext {
  const { taskId, taskType, stepId, tenant, attempt } = step
  const folder = `tasks/${taskId}/${stepId}`
  return {
    taskId,
    taskType,
    stepId,
    tenant,
    attempt,
    idempotencyKey: `${taskId}:${stepId}`,
    signal,
    log: deps.log,
    nowMs: () => deps.clock.nowMs(),
    load: (value) => loadHandle(value, deps.blobs),
    blobs: {
      get: (ref, options) => deps.blobs.get(ref, options),
      stream: (ref) => deps.blobs.stream(ref),
      put: (bytes, about) => deps.blobs.put(folder, bytes, about),
    },
    progress(fraction, note) {
      const bounded = Math.min(1, Math.max(0, fraction))
      const event: TaskEvent = {
        v: 1,
        kind: 'progress',
        taskId,
        type: taskType,
        atMs: deps.clock.nowMs(),
        stepId,
        attempt,
        fraction: bounded,
        ...(note !== undefined && { note: note.slice(0, 500) }),
      }
      deps.bus.publishCore(SUBJECTS.event(taskType, taskId, 'progress'), JSON.stringify(event))
    },
  }
}

function outcomeOf(error: unknown): StepOutcome {
  const code = error instanceof MurmurError ? error.code : 'STEP_FAILED'
  const message = messageOf(error).slice(0, 4000)
  return PERMANENT.has(code) ? failed(code, message) : { kind: 'retry', error: { code, message } }
}

function failed(code: string, message: string): StepOutcome {
  return { kind: 'fail', error: { code, message: message.slice(0, 4000) } }
}

function firstFault(error: { issues: { path: PropertyKey[]; message: string }[] }): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.map(String).join('.') || '(input)'}: ${issue.message}`)
    .join('; ')
}
