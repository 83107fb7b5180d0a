import { createHash } from 'node:crypto'
import { systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { MemoryLockStore } from '#platform/locks/memory-lock-store.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { AgentBlobs, AgentContext, AgentLocks, AnyAgentDefinition } from './define-agent.ts'
import { handleStep } from './handle-step.ts'
import { loadHandle } from './load-input.ts'
import { boundedFraction, boundedNote } from './run-step.ts'
import { StepFiles } from './step-files.ts'
import { StepLocks } from './step-locks.ts'

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
  const write = (level: string) => (fields: object, message: string) =>
    void logged.push({ level, fields, message })
  return {
    taskId: 'test-task',
    taskType: 'test',
    stepId: 'test-step',
    tenant: 'default',
    attempt: 1,
    idempotencyKey: 'test-task:test-step',
    signal: new AbortController().signal,
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
    progressed,
    emitted,
    logged,
    ...overrides,
  }
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
  const blobs: AgentBlobs = inMemory.has(ctx.blobs)
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

const inMemory = new WeakSet<AgentBlobs>()

/**
 * An object store in memory, with the checks of the real one. Files that are made of its objects outside of `runHandler` are there
 * until they are removed, or the process ends.
 */
export function createMemoryBlobs(): AgentBlobs {
  const objects = new Map<string, Uint8Array>()
  let files: StepFiles | undefined
  const blobs: AgentBlobs = {
    file(ref, options) {
      files ??= removedAtExit(new StepFiles({ blobs }))
      return files.file(ref, options)
    },
    async *stream(ref) {
      const bytes = await blobs.get(ref)
      if (createHash('sha256').update(bytes).digest('hex') !== ref.sha256)
        throw new MurmurError('BLOB_CORRUPT', `object "${ref.blob}" does not match its checksum`)
      yield bytes
    },
    async get(ref, options) {
      const bytes = objects.get(ref.blob)
      if (!bytes) throw new MurmurError('BLOB_NOT_FOUND', `there is no object "${ref.blob}"`)
      if (options?.maxBytes !== undefined && bytes.length > options.maxBytes) {
        throw new MurmurError(
          'LIMIT_EXCEEDED',
          `object "${ref.blob}" has ${bytes.length} bytes, at most ${options.maxBytes} are read`,
        )
      }
      return bytes
    },
    async put(bytes, about): Promise<BlobRef> {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      const blob = `test/${objects.size}-${sha256.slice(0, 12)}`
      objects.set(blob, bytes)
      return {
        blob,
        size: bytes.length,
        sha256,
        contentType: about.contentType,
        ...(about.name && { name: about.name }),
      }
    },
  }
  inMemory.add(blobs)
  return blobs
}

function removedAtExit(files: StepFiles): StepFiles {
  process.once('exit', () => files.removeAtOnce())
  return files
}
