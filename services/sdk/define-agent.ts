import type { z } from 'zod'
import type { HeldLock } from '#platform/locks/held-lock.ts'
import type { LockOptions, WaitOptions } from '#platform/locks/locks.ts'
import { CAPABILITY_PATTERN, MAX_CAPABILITIES } from '#schemas/agent.ts'
import type { BlobRef, JsonBlob } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'
import { parseVersion } from '#workflow/plan/semantic-version.ts'
import type { Outcome } from './outcome.ts'

/** Bounds that the runner enforces; handlers need not check them. */
export interface AgentLimits {
  /** Steps worked on at the same time by one instance. Default 4. */
  concurrency: number
  /** An attempt is aborted after this many milliseconds, or after the step's own timeout when that is shorter. Default 60,000. */
  timeoutMs: number
}

/** Binary objects in the object store; JSON that is too large for a message is moved there by the runner by itself. */
export interface AgentBlobs {
  /** Reads a whole object, checksum verified. @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, LIMIT_EXCEEDED (over maxBytes) */
  get(ref: BlobRef, options?: { maxBytes?: number }): Promise<Uint8Array>
  /**
   * Reads an object as it comes, a megabyte at a time in memory. The last piece comes only when all of them match the checksum.
   * @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT
   */
  stream(ref: BlobRef): AsyncIterable<Uint8Array>
  /**
   * An object as a file on this machine, for what reads files: of any size, a megabyte at a time in memory, checked on the way. It
   * lies in a folder of the step that only this user can enter and that is removed when the step is over, however it ends.
   * @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT, OVERLOADED when the disk has no room; the reason of a signal that is aborted
   */
  file(ref: BlobRef, options?: FileOptions): Promise<LocalFile>
  /** Writes an object and returns the reference to hand on. */
  put(bytes: Uint8Array, about: { contentType: string; name?: string }): Promise<BlobRef>
}

export interface FileOptions {
  /** Ends the fetching earlier than the step's own signal does. */
  signal?: AbortSignal
  /** Told how many bytes are there, a piece after the other: `ref.size` at the end. */
  onBytes?: (bytes: number) => void
}

/** An object that lies on this machine. */
export interface LocalFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Takes it away before the step is over, where many would need much room. */
  remove(): Promise<void>
}

/**
 * Locks of the step's tenant, shared by all types of agents. They renew themselves, and are given back when the step is over. An owner
 * that stood still for longer than its lease may believe that it has one: hand `token` on with what you write, and let that refuse what
 * has a smaller token than it has seen (docs/locks.md).
 */
export interface AgentLocks {
  /** The lock, or undefined when somebody has it. @throws MurmurError UNAVAILABLE, OVERLOADED */
  tryAcquire(name: string, options?: LockOptions): Promise<HeldLock | undefined>
  /** Waits for it, by default for 30 s. @throws MurmurError LOCK_HELD, UNAVAILABLE, OVERLOADED; the reason of a signal that is aborted */
  acquire(name: string, options?: WaitOptions): Promise<HeldLock>
  /** Acquires it, works, and gives it back. `held.signal` aborts when it was lost meanwhile. @throws what both throw */
  withLock<T>(name: string, options: WaitOptions, work: (held: HeldLock) => Promise<T>): Promise<T>
}

/** What a handler gets beside its input. */
export interface AgentContext {
  readonly taskId: string
  readonly taskType: string
  readonly stepId: string
  readonly tenant: string
  readonly attempt: number
  /** The same on every attempt of this step: for external effects that must happen once. */
  readonly idempotencyKey: string
  /**
   * Aborted when the attempt has taken too long, when its task has ended or another attempt has taken its place, and shortly
   * before the instance stops. A handler that goes on keeps its slot until it ends.
   */
  readonly signal: AbortSignal
  readonly blobs: AgentBlobs
  readonly locks: AgentLocks
  /**
   * With `inputLoading: 'lazy'`: the value that a reference in the input stands for; anything else is given back as it is.
   * References within a loaded value stay references. @throws MurmurError BLOB_NOT_FOUND, BLOB_CORRUPT
   */
  load(value: JsonValue | JsonBlob): Promise<JsonValue>
  readonly log: AgentLog
  /** Tells watchers how far this is: 0 to 1, and a note for people (500 characters). What is beyond is brought within. */
  progress(fraction: number, note?: string): void
  /**
   * Tells watchers a partial result, such as the tokens of a language model as they come: text, which is shown behind what came
   * before, or any other JSON. Who watches late gets it from the start, as far as 256 KiB go; only what the handler returns is kept.
   * Nobody is waited for, and it never throws: what is beyond a bound (16 KiB and 16 levels a value, 64 KiB in 50 ms) or no JSON is left out, and
   * watchers are told that something is missing.
   */
  emit(chunk: JsonValue): void
  /** Unix time in milliseconds. */
  nowMs(): number
  /**
   * Resolves after `ms` milliseconds, a day at most, or as soon as `signal` aborts, whichever is first. In a test environment
   * it is virtual time, which is skipped.
   */
  sleep(ms: number): Promise<void>
}

export interface AgentLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface AgentDefinition<Input, Output> {
  /** The type of agent that plans name: one subject token. */
  name: string
  /** As semver.org has it, `1.4.0` (parts may be left out): plans may ask for a range of versions. By default 0. */
  version?: string
  /** What instances have that steps may need: `['gpu']`. At most 32, each 1 to 64 characters of A-Z a-z 0-9 _ . : - */
  capabilities?: readonly string[]
  description?: string
  input: z.ZodType<Input>
  output: z.ZodType<Output>
  limits?: Partial<AgentLimits>
  /**
   * `whole` (default): what of an input lies in the object store is loaded before the handler is called. `lazy`: it stays in
   * the input as `{ "$json": … }`, and the handler loads one after the other with `ctx.load`: for inputs that don't fit in memory.
   * The input's schema has to allow for both, as small values are there themselves (`storedJson`).
   */
  inputLoading?: 'whole' | 'lazy'
  /**
   * For handlers that work for hours: when the instance has to stop, `signal` is aborted at once instead of waiting for
   * the end, and the handler returns `retry(…)`, so that another instance goes on. That costs the step no attempt.
   */
  interruptible?: boolean
  /** Called once before the first step, for what is expensive to make (a model, a pool). */
  start?(): Promise<void>
  stop?(): Promise<void>
  /**
   * Returns how it ended: `done`, `retry` or `fail`. What it throws counts as `retry`; what it returns beside those three
   * fails the step as INVALID_OUTCOME.
   */
  handle(input: Input, ctx: AgentContext): Promise<Outcome<NoInfer<Output>>> | Outcome<NoInfer<Output>>
}

/** Any agent, for places that do not care about its types: method parameters are compared both ways, so all of them fit. */
export type AnyAgentDefinition = Omit<AgentDefinition<never, unknown>, 'input' | 'output' | 'handle'> & {
  input: z.ZodType
  output: z.ZodType
  handle(input: never, ctx: AgentContext): unknown
}

/** Checks the definition's name and limits and gives it back with its types inferred. Pure. */
export function defineAgent<Input, Output>(
  definition: AgentDefinition<Input, Output>,
): AgentDefinition<Input, Output> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(definition.name)) {
    throw new TypeError(`agent name "${definition.name}" must be 1 to 64 characters of A-Z a-z 0-9 _ -`)
  }
  const { version, capabilities = [] } = definition
  if (version !== undefined && !parseVersion(version)) {
    throw new TypeError(
      `agent ${definition.name}: version "${version}" must be as semver.org has it, such as 1.4.0`,
    )
  }
  for (const capability of capabilities) {
    if (!CAPABILITY_PATTERN.test(capability))
      throw new TypeError(
        `agent ${definition.name}: capability "${capability}" must be 1 to 64 characters of A-Z a-z 0-9 _ . : -`,
      )
  }
  if (capabilities.length > MAX_CAPABILITIES)
    throw new TypeError(`agent ${definition.name}: at most ${MAX_CAPABILITIES} capabilities`)
  const { concurrency, timeoutMs } = definition.limits ?? {}
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new TypeError(
      `agent ${definition.name}: limits.concurrency must be a whole number of at least 1, got ${concurrency}`,
    )
  }
  if (timeoutMs !== undefined && !(timeoutMs >= 1)) {
    throw new TypeError(`agent ${definition.name}: limits.timeoutMs must be at least 1, got ${timeoutMs}`)
  }
  return definition
}

export const seconds = (value: number): number => value * 1000
export const minutes = (value: number): number => value * 60_000

const MESSAGES = {
  timeout: 'the attempt took too long',
  'task-ended': 'the task has ended',
  dropped: 'the attempt is over: another has taken its place, or its task has ended',
  'instance-stops': 'the instance stops',
} as const

/** `instance-stops`: the same attempt goes on elsewhere. After all others it is over. */
export type AbortReason = keyof typeof MESSAGES

/** The reason of a step's signal once it is aborted: `ctx.signal.reason`. */
export class StepAborted extends Error {
  override readonly name = 'StepAborted'
  readonly reason: AbortReason

  constructor(reason: AbortReason) {
    super(MESSAGES[reason])
    this.reason = reason
  }
}

/** Whether a step's signal was aborted because its instance stops, so that the attempt goes on elsewhere. */
export function isInstanceStop({ reason }: AbortSignal): boolean {
  return reason instanceof StepAborted && reason.reason === 'instance-stops'
}
