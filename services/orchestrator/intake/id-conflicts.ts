import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BusMessage, Subscribing } from '#platform/nats/bus.ts'
import type { Problem } from '#schemas/problem.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface IdConflictsDeps {
  bus: Subscribing
  clock: Clock
  /** Every orchestrator hears all; one of them reports. */
  isReporter: () => boolean
  report: (subject: string, problem: Problem, messageId: string) => Promise<void>
}

interface Seen {
  atMs: number
  subject: string
  data: Uint8Array
}

const WINDOW_MS = STREAMS.intake.duplicateWindowMs
/** Ids of one window; beyond it the oldest go, and a conflict among them is reported by the publisher's acknowledgement only. */
const MAX_IDS = 20_000

/**
 * A second submission under a message id that was used a moment ago is dropped by the stream itself: no orchestrator would ever
 * see it, and one with another body would be lost silently. So what is published on the durable subject is also listened to as it
 * passes, and a conflict is reported like every other refusal. Later than that window the intake finds and reports it.
 */
export class IdConflicts implements Component {
  readonly name = 'conflicts of message ids'
  readonly #deps: IdConflictsDeps
  /** In the order in which they came. */
  readonly #seen = new Map<string, Seen>()
  #end: () => void = () => {}

  constructor(deps: IdConflictsDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#end = this.#deps.bus.subscribe(SUBJECTS.submitAll, (message) => this.#note(message))
  }

  quiesce(): void {
    this.#end()
  }

  #note(message: BusMessage): void {
    const messageId = message.header('Nats-Msg-Id')
    if (messageId === undefined) return
    const nowMs = this.#deps.clock.monotonicMs()
    this.#forget(nowMs - WINDOW_MS)
    const first = this.#seen.get(messageId)
    if (!first) this.#seen.set(messageId, { atMs: nowMs, subject: message.subject, data: message.data })
    else if (!isSame(first, message) && this.#deps.isReporter()) void this.#report(message.subject, messageId)
  }

  #report(subject: string, messageId: string): Promise<void> {
    const problem = new MurmurError(
      'IDEMPOTENCY_CONFLICT',
      `the message id "${messageId}" was used a moment ago for another submission, which counts; this one was dropped`,
    ).toProblem()
    return this.#deps.report(subject, problem, messageId)
  }

  #forget(beforeMs: number): void {
    for (const [id, { atMs }] of this.#seen) {
      if (atMs >= beforeMs && this.#seen.size < MAX_IDS) return
      this.#seen.delete(id)
    }
  }
}

/** The same bytes, or the same JSON in other words, on the same subject. */
function isSame(a: Pick<Seen, 'subject' | 'data'>, b: Pick<Seen, 'subject' | 'data'>): boolean {
  if (a.subject !== b.subject) return false
  return Buffer.compare(a.data, b.data) === 0 || isDeepStrictEqual(jsonOf(a.data), jsonOf(b.data))
}

/** What is no JSON is equal to nothing else. */
function jsonOf(data: Uint8Array): unknown {
  try {
    return parseBoundedJson(data)
  } catch {
    return data
  }
}
