import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Calling, CorePublishing, SubjectServing } from '#platform/nats/bus.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { hasEndlessAttempts } from '#workflow/decide/endless.ts'
import { ChunkEmitter } from './chunk-emitter.ts'
import type { AgentContext, AgentLog, AnyAgentDefinition } from './define-agent.ts'
import { type HandledStep, handleStep, outcomeOfThrown } from './handle-step.ts'
import { loadHandle, loadInput } from './load-input.ts'
import { NatsLockStore } from './nats-lock-store.ts'
import { storeOutput } from './payloads.ts'
import { StepFiles } from './step-files.ts'
import { StepLocks } from './step-locks.ts'

export interface RunStepDeps {
  agent: AnyAgentDefinition
  bus: Calling & CorePublishing & SubjectServing
  blobs: Pick<BlobStore, 'get' | 'put' | 'stream'>
  clock: Clock
  log: AgentLog
  /** Aborted when the task ends otherwise, and when the instance stops. */
  signal: AbortSignal
  /** Told when the attempt has taken too long. */
  onTimeout?: () => void
  /** How often the attempt has been handed out; once, unless told. */
  deliveries?: number
  metrics?: Metrics
  /** What the time of the attempt is measured by; by default the machine's timers. */
  timeouts?: Pick<Clock, 'sleep'>
  /** The locks of a step; by default those of the orchestrators. */
  locksOf?: (step: StepMessage) => StepLocks
}

/**
 * One attempt of a step, from its message to its outcome: load → check → handle → check → store. Its files are gone when it is
 * over, also for a handler that has been left behind. Never throws.
 */
export async function runStep(step: StepMessage, deps: RunStepDeps): Promise<HandledStep> {
  const { agent, blobs, bus, clock, signal } = deps
  const files = new StepFiles({ blobs, signal })
  const locks =
    deps.locksOf?.(step) ??
    new StepLocks({ store: new NatsLockStore(bus, agent.name), clock, tenant: step.tenant })
  // What it waits between two sends is no rest of the handler.
  const windows = deps.timeouts ? { ...deps.clock, sleep: deps.timeouts.sleep.bind(deps.timeouts) } : clock
  const chunks = new ChunkEmitter(step, deps.deliveries ?? 1, { ...deps, clock: windows })
  try {
    const handled = await attempt(step, { files, locks, chunks }, deps)
    // Before its result is published: who watches has all of it by then.
    chunks.end()
    await locks.end(handled.lingering)
    return handled
  } finally {
    // What can't be removed now is removed when a process of agents is started next.
    await files.remove().catch((err: unknown) => deps.log.warn({ err }, 'files of a step were left behind'))
  }
}

/** What a step has of its own, which is gone with it. */
interface StepOwn {
  files: StepFiles
  locks: StepLocks
  chunks: ChunkEmitter
}

async function attempt(step: StepMessage, own: StepOwn, deps: RunStepDeps): Promise<HandledStep> {
  try {
    const isLazy = deps.agent.inputLoading === 'lazy'
    const input = isLazy ? step.input : await loadInput(step.input, deps.blobs)
    const handled = await handleStep(deps.agent, input, {
      timeoutMs: timeoutOf(step, deps),
      signal: deps.signal,
      ...(deps.onTimeout && { onTimeout: deps.onTimeout }),
      timeouts: deps.timeouts,
      contextOf: (signal) => contextOf(step, signal, { ...deps, ...own }),
    })
    if (handled.outcome.kind !== 'done') return handled
    const output = await storeOutput(handled.outcome.output, step, deps.blobs)
    return { outcome: { kind: 'done', output } }
  } catch (error) {
    return { outcome: outcomeOfThrown(error) }
  }
}

/** Of this attempt. Milliseconds; Infinity: it may take as long as its task, which has no end. */
function timeoutOf({ timeoutMs, deadlineAtMs }: StepMessage, { agent, clock }: RunStepDeps): number {
  const most = Math.min(timeoutMs, agent.limits?.timeoutMs ?? Number.POSITIVE_INFINITY)
  const isEndless =
    deadlineAtMs !== undefined && hasEndlessAttempts(most, { deadlineAtMs, atMs: clock.nowMs() })
  return isEndless ? Number.POSITIVE_INFINITY : most
}

function contextOf(step: StepMessage, signal: AbortSignal, deps: RunStepDeps & StepOwn): AgentContext {
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
    locks: deps.locks,
    nowMs: () => deps.clock.nowMs(),
    sleep: (ms) => deps.clock.sleep(boundedSleep(ms), signal),
    load: (value) => loadHandle(value, deps.blobs),
    blobs: {
      get: (ref, options) => deps.blobs.get(ref, options),
      stream: (ref) => deps.blobs.stream(ref),
      file: (ref, options) => deps.files.file(ref, options),
      put: (bytes, about) => deps.blobs.put(folder, bytes, about),
    },
    emit: (chunk) => deps.chunks.emit(chunk),
    progress(fraction, note) {
      const event: TaskEvent = {
        v: 1,
        kind: 'progress',
        taskId,
        type: taskType,
        atMs: deps.clock.nowMs(),
        stepId,
        attempt,
        fraction: boundedFraction(fraction),
        ...(note !== undefined && { note: boundedNote(note) }),
      }
      deps.bus.publishCore(SUBJECTS.event(taskType, taskId, 'progress'), JSON.stringify(event))
    },
  }
}

/** No attempt takes longer, and timers of the machine go wrong beyond 24 days. What is no number is no time. */
export function boundedSleep(ms: unknown): number {
  return typeof ms === 'number' && ms >= 0 ? Math.min(ms, LIMITS.stepTimeoutMs) : 0
}

const NOTE_CHARACTERS = 500

/** How far something is, from 0 to 1. What is no number is 0: a wrong figure must not end a step. */
export function boundedFraction(fraction: unknown): number {
  return typeof fraction === 'number' && fraction >= 0 ? Math.min(1, fraction) : 0
}

/** A note for watchers, of a length that they can show. */
export function boundedNote(note: unknown): string {
  return messageOf(note).slice(0, NOTE_CHARACTERS)
}
