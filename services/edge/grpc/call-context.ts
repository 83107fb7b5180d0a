import type { EventEmitter } from 'node:events'
import type { ServerReadableStream, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Caller } from '../access/access.ts'

/** Requests come as bytes and are decoded behind the guard: what can't be decoded is the client's fault and is told so. */
export type Raw = Buffer
export type Call =
  | ServerUnaryCall<Raw, unknown>
  | ServerWritableStream<Raw, unknown>
  | ServerReadableStream<Raw, unknown>

/** What a method knows beside its request. */
export interface CallContext {
  readonly caller: Caller
  /** Aborted when the client has cancelled, its time is up, or it is gone. */
  readonly gone: AbortSignal
  /** The same, or when the edge stops: for what would otherwise wait for long. */
  readonly signal: AbortSignal
  /** Until then it waits for an answer; undefined: for ever. Milliseconds from now. */
  readonly remainingMs: number | undefined
  /** For streams that end because the edge does. @throws MurmurError UNAVAILABLE when it stops */
  assertServing(): void
  /** What it is about, for the audit log: a task, an alert, an object. To be said as soon as it is known. */
  isAbout(target: string | undefined): void
  /** It is answered when something else has ended: how long that takes says nothing about the edge. */
  waits(): void
}

const STOPPING_RETRY_MS = 1000

/** The context of a call that was let in. */
export function contextOf(
  call: Call,
  { clock, stopping }: { clock: Clock; stopping: AbortSignal },
  about: Pick<CallContext, 'caller' | 'isAbout' | 'waits'>,
): CallContext {
  const deadline = call.getDeadline()
  const atMs = deadline instanceof Date ? deadline.getTime() : deadline
  const end = new AbortController()
  const emitter: EventEmitter = call
  emitter.once('cancelled', () => end.abort())
  emitter.once('close', () => end.abort())
  if (call.cancelled) end.abort()
  let signal: AbortSignal | undefined
  return {
    ...about,
    gone: end.signal,
    // Most calls wait for nothing and never ask for it.
    get signal() {
      signal ??= AbortSignal.any([end.signal, stopping])
      return signal
    },
    // A deadline is a time of the wall on the wire.
    remainingMs: Number.isFinite(atMs) ? Math.max(0, atMs - clock.nowMs()) : undefined,
    assertServing() {
      if (stopping.aborted)
        throw new MurmurError('UNAVAILABLE', 'this edge stops: come back where you were', {
          retryAfterMs: STOPPING_RETRY_MS,
        })
    },
  }
}
