import { systemClock } from '#platform/clock/clock.ts'
import { MemoryLockStore } from '#platform/locks/memory-lock-store.ts'
import type { JsonValue } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { AgentBlobs, AgentContext, AgentLocks, AnyAgentDefinition } from './define-agent.ts'
import { handleStep } from './handle-step.ts'
import { loadHandle } from './load-input.ts'
import { boundedFraction, boundedNote, boundedSleep } from './run-step.ts'
import { StepFiles } from './step-files.ts'
import { StepLocks } from './step-locks.ts'
import { createMemoryBlobs, isMemoryBlobs } from './testing/memory-blobs.ts'

export type { TestHandler } from './testing/agent-table.ts'
export type { InboxEntry, TestAnswer } from './testing/approvals.ts'
export { createMemoryBlobs } from './testing/memory-blobs.ts'
export type { TestSchedule } from './testing/memory-schedules.ts'
export type { TestTemplate } from './testing/memory-templates.ts'
export type { HistoryEntry } from './testing/task-history.ts'
export type { RetryOptions } from './testing/task-requests.ts'
export {
  createTestEnvironment,
  days,
  hours,
  type RunOptions,
  type TestEnvironment,
  type TestResult,
  type TestSubmission,
  type TestTask,
} from './testing/test-environment.ts'
export { TestEnvironmentError } from './testing/test-environment-error.ts'
export type { TestEnvironmentOptions } from './testing/test-environment-options.ts'

export interface TestContext extends AgentContext {
  readonly progressed: { fraction: number; note: string | undefined }[]
  readonly emitted: JsonValue[]
  readonly logged: { level: string; fields: object; message: string }[]
}

/** A context for calling a handler without a broker: objects are kept in memory; progress, chunks and logs are recorded. */
export function createTestContext(overrides: Partial<AgentContext> = {}): TestContext {
  const progressed: TestContext['progressed'] = []
  const emitted: JsonValue[] = []
  const logged: TestContext['logged'] = []
  const blobs = overrides.blobs ?? createMemoryBlobs()
  const signal = overrides.signal ?? new AbortController().signal
  const write = (level: string) => (fields: object, message: string) =>
    void logged.push({ level, fields, message })
  const ctx: TestContext = {
    taskId: 'test-task',
    taskType: 'test',
    stepId: 'test-step',
    tenant: 'default',
    attempt: 1,
    idempotencyKey: 'test-task:test-step',
    signal,
    blobs,
    locks: createMemoryLocks(),
    load: (value) => loadHandle(value, blobs),
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    progress: (fraction, note) =>
      void progressed.push({
        fraction: boundedFraction(fraction),
        note: note === undefined ? undefined : boundedNote(note),
      }),
    emit: (chunk) => void emitted.push(throughJson(chunk)),
    nowMs: () => 1_790_000_000_000,
    // `runHandler` puts the attempt's own signal into it.
    sleep: (ms) => systemClock.sleep(boundedSleep(ms), ctx.signal),
    progressed,
    emitted,
    logged,
    ...overrides,
  }
  return ctx
}

export interface HandlerRun {
  /** What an orchestrator would be told, the output as it comes out of JSON at the other end. */
  outcome: StepOutcome
  /** What the handler was given: its progress, its logs and its objects can be looked at. */
  ctx: TestContext
}

/**
 * Runs an agent's handler as its runner does, without a broker: the input goes through JSON and is checked, the handler has its
 * time and a signal, what it returns or throws becomes an outcome, and its output is checked and goes through JSON again.
 * @param input what a plan would hold as the step's input
 * @param overrides parts of the context; `timeoutMs` beside them, by default the agent's own, or a minute
 */
export async function runHandler(
  agent: AnyAgentDefinition,
  input: unknown,
  overrides: Partial<AgentContext> & { timeoutMs?: number } = {},
): Promise<HandlerRun> {
  const { timeoutMs, signal, ...context } = overrides
  const ctx = createTestContext(context)
  const files = new StepFiles({ blobs: ctx.blobs })
  const blobs: AgentBlobs = isMemoryBlobs(ctx.blobs)
    ? { ...ctx.blobs, file: (ref, options) => files.file(ref, options) }
    : ctx.blobs
  const { outcome } = await handleStep(agent, throughJson(input), {
    timeoutMs: timeoutMs ?? agent.limits?.timeoutMs ?? DEFAULTS.stepTimeoutMs,
    signal: signal ?? ctx.signal,
    contextOf: (own) => Object.assign(ctx, { signal: own, blobs }),
  }).finally(async () => {
    await files.remove()
    // Those that a test has brought are its own.
    if (!overrides.locks && ctx.locks instanceof StepLocks) await ctx.locks.end()
  })
  return {
    outcome: outcome.kind === 'done' ? { kind: 'done', output: throughJson(outcome.output) } : outcome,
    ctx,
  }
}

function throughJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value ?? null)) as JsonValue
}

/** Locks in memory, shared by contexts that are given them: `runHandler(agent, input, { locks })`. Without them each run has its own. */
export function createMemoryLocks(): AgentLocks {
  const clock = systemClock
  return new StepLocks({ store: new MemoryLockStore(clock), clock, tenant: 'default' })
}
