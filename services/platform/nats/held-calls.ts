import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { activeAsking } from '#platform/requests/asking.ts'
import { HoldPlaces } from '#platform/requests/hold-places.ts'
import { RepeatBudget } from '#platform/requests/repeat-budget.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import {
  type AskedFor,
  type NatsOperation,
  type NatsOperationRef,
  natsOperation,
  type RequestInput,
  type ResponseOf,
} from '#subjects/operations.ts'
import type { Calling } from './bus.ts'
import { heldHeaders } from './hold-headers.ts'
import { unansweredBy } from './request-reply.ts'

/**
 * A call is held for so long. When an orchestrator dies, its partitions have another owner after 2 to 5 s; where it was the only one, it is
 * back within as much. What takes longer does not pass by itself, and whoever asked should know. Milliseconds.
 */
const HOLD_MS = 10_000
/** An orchestrator holds a question itself for so long, and says then that there is no answer yet. */
const HOLD_THERE_MS = 1000
/** Longer than that, with time for the way: whoever has the question in hand is dead, or too slow. */
const SILENCE_MS = 2000
const PAUSE_MS = 100
/** Those who ask again do not all do it in the same moment. */
const SPREAD_MS = 150
/** An answer that says to come back later than this does not speak of a moment. */
const SOON_MS = 1000
/** The answer has to get back to whoever waits for it. */
const WAY_BACK_MS = 100
const CALL_TIMEOUT_MS = 5000
/** A held call takes some kilobytes and asks once or twice a second. */
const PLACES = { most: 4000, mostOfTenant: 1000 }

/** How a call ended that was held: answered, given up when the time was over, or not held because there was no place. */
export type HeldOutcome = 'answered' | 'given_up' | 'no_place'

export interface HeldCallsOptions {
  clock?: Clock
  places?: HoldPlaces
  holdMs?: number
  /** Told of each call that was held, or would have been. */
  onHeld?: ((outcome: HeldOutcome) => void) | undefined
}

export type HeldOptions<Ref extends NatsOperationRef> = AskedFor & {
  timeoutMs?: number
  isTrusted?: true
  /** What a refusal means where an earlier try may have done it already: the answer, or the refusal thrown again. */
  whenRepeated?: (refusal: MurmurError) => Promise<ResponseOf<Ref>>
}

type Outcome<Answer> = { of: Promise<unknown> } & ({ answer: Answer } | { error: unknown })

/**
 * Calls that wait while nobody can answer them: while a partition has no owner, or no orchestrator runs. They are asked again until
 * there is an answer, as long as whoever waits for it waits (`withAsking`), for 10 s at most, and as long as there are places; then they
 * fail with UNAVAILABLE and when to come back. What was in hand of a process that died is asked again where that does no harm
 * (`isRepeatable`).
 */
export class HeldCalls implements Calling {
  readonly #bus: Calling
  readonly #clock: Clock
  readonly #places: HoldPlaces
  readonly #holdMs: number
  readonly #onHeld: (outcome: HeldOutcome) => void
  readonly #budget = new RepeatBudget()

  constructor(bus: Calling, options: HeldCallsOptions = {}) {
    this.#bus = bus
    this.#clock = options.clock ?? systemClock
    this.#places = options.places ?? new HoldPlaces(PLACES)
    this.#holdMs = options.holdMs ?? HOLD_MS
    this.#onHeld = options.onHeld ?? (() => undefined)
  }

  /** Calls that are held now. */
  get held(): number {
    return this.#places.taken
  }

  /** As `Bus.call`. @throws MurmurError what the service answers with; UNAVAILABLE when it can't be answered in time */
  async call<Ref extends NatsOperationRef>(
    ref: Ref,
    request: RequestInput<Ref>,
    { whenRepeated, ...options }: HeldOptions<Ref> = {},
  ): Promise<ResponseOf<Ref>> {
    const row = natsOperation(ref)
    const isRepeatable = row.isRepeatable === true
    const headers = heldHeaders(randomUUID(), isRepeatable ? HOLD_THERE_MS : undefined)
    const attempt = (leftMs: number) =>
      this.#bus.call(ref, request, {
        ...options,
        headers,
        timeoutMs: Math.ceil(Math.max(isRepeatable ? leftMs : 0, options.timeoutMs ?? CALL_TIMEOUT_MS)),
      })
    const held = new HeldCall(attempt, row, {
      clock: this.#clock,
      holdMs: Math.max(this.#holdMs, options.timeoutMs ?? 0),
      budget: this.#budget,
      takePlace: () => this.#places.take(options.tenant ?? DEFAULT_TENANT),
      onHeld: this.#onHeld,
    })
    try {
      return await held.answer()
    } catch (error) {
      const isRefused = whenRepeated !== undefined && held.wasSilent && error instanceof MurmurError
      if (!isRefused || error.code === 'UNAVAILABLE') throw error
      return whenRepeated(error)
    }
  }
}

interface HeldCallDeps {
  clock: Clock
  holdMs: number
  budget: RepeatBudget
  takePlace: () => (() => void) | undefined
  onHeld: (outcome: HeldOutcome) => void
}

/** One call, with all the tries that it takes. */
class HeldCall<Answer> {
  readonly #attempt: (leftMs: number) => Promise<Answer>
  readonly #row: NatsOperation
  readonly #deps: HeldCallDeps
  /** Tries that may still be answered. */
  readonly #open = new Set<Promise<Outcome<Answer>>>()
  readonly #startedMs: number
  /** Until then it is asked again. */
  readonly #untilMs: number
  readonly #deadlineMs: number
  readonly #asking = activeAsking()
  #place: (() => void) | undefined
  /** A try had no answer when it was asked again: it may have been done all the same. */
  wasSilent = false

  constructor(attempt: (leftMs: number) => Promise<Answer>, row: NatsOperation, deps: HeldCallDeps) {
    this.#attempt = attempt
    this.#row = row
    this.#deps = deps
    this.#startedMs = deps.clock.monotonicMs()
    const { untilMs = Number.POSITIVE_INFINITY, holdUntilMs = Number.POSITIVE_INFINITY } = this.#asking ?? {}
    this.#deadlineMs = untilMs - WAY_BACK_MS
    const holdEndMs = Math.min(this.#startedMs + deps.holdMs, holdUntilMs - WAY_BACK_MS)
    this.#untilMs = Math.min(holdEndMs, this.#deadlineMs)
  }

  async answer(): Promise<Answer> {
    const { clock, budget, onHeld } = this.#deps
    try {
      let isPatient = this.#row.isRepeatable === true
      this.#send()
      for (;;) {
        const deadlineMs = this.#deadlineMs - clock.monotonicMs()
        const outcome = await this.#next(isPatient ? Math.min(SILENCE_MS, deadlineMs) : deadlineMs)
        if (outcome && 'answer' in outcome) {
          budget.earn()
          if (this.#place) onHeld('answered')
          return outcome.answer
        }
        if (!outcome) {
          if (this.#deadlineMs <= clock.monotonicMs() || this.#gone?.aborted) throw this.#gaveUp(undefined)
          this.wasSilent = true
          // Without a place, or when too much is repeated already, the tries that are under way may still be answered.
          if (this.#leftMs > 0 && this.#takePlace() && budget.spend()) this.#send()
          else isPatient = false
          continue
        }
        const { error } = outcome
        if (!this.#mayPass(error) || (this.#leftMs <= PAUSE_MS && !this.#place)) throw error
        if (this.#leftMs <= PAUSE_MS || this.#gone?.aborted) throw this.#gaveUp(error as MurmurError)
        if (!this.#takePlace()) {
          onHeld('no_place')
          throw error
        }
        const pauseMs = Math.min(PAUSE_MS + Math.random() * SPREAD_MS, this.#leftMs)
        await clock.sleep(Math.max(0, pauseMs), this.#gone)
        this.#send()
      }
    } finally {
      this.#place?.()
    }
  }

  /** To be asked for once it is held: for most calls there is no such signal. */
  get #gone(): AbortSignal | undefined {
    return this.#asking?.signal
  }

  get #leftMs(): number {
    return this.#untilMs - this.#deps.clock.monotonicMs()
  }

  #takePlace(): boolean {
    this.#place ??= this.#deps.takePlace()
    return this.#place !== undefined
  }

  #send(): void {
    const asked = this.#attempt(this.#leftMs)
    const settled: Promise<Outcome<Answer>> = asked.then(
      (answer) => ({ of: settled, answer }),
      (error: unknown) => ({ of: settled, error }),
    )
    this.#open.add(settled)
  }

  /** What comes first of the tries. @param waitMs may be without end @returns undefined when nothing came in time */
  async #next(waitMs: number): Promise<Outcome<Answer> | undefined> {
    const over = new AbortController()
    const gone = this.#place && this.#gone
    const signal = gone ? AbortSignal.any([over.signal, gone]) : over.signal
    const timeout =
      waitMs === Number.POSITIVE_INFINITY ? [] : [this.#deps.clock.sleep(Math.max(0, waitMs), signal)]
    try {
      const outcome = (await Promise.race([...this.#open, ...timeout])) ?? undefined
      if (outcome) this.#open.delete(outcome.of as Promise<Outcome<Answer>>)
      return outcome
    } finally {
      over.abort()
    }
  }

  /** Nobody has begun with it, or it has been answered that nobody can say now, where being told so twice does no harm. */
  #mayPass(error: unknown): boolean {
    if (!(error instanceof MurmurError && error.code === 'UNAVAILABLE')) return false
    const why = unansweredBy(error)
    if (why === 'nobody') return true
    const { isRepeatable, isChange } = this.#row
    if (why === 'silent') return isRepeatable === true
    return (isRepeatable === true || isChange !== true) && (error.retryAfterMs ?? Infinity) <= SOON_MS
  }

  #gaveUp(last: MurmurError | undefined): MurmurError {
    this.#deps.onHeld('given_up')
    const waitedS = ((this.#deps.clock.monotonicMs() - this.#startedMs) / 1000).toFixed(1)
    const why = last?.message ?? 'nobody answers: the service did not answer in time'
    return new MurmurError('UNAVAILABLE', `${why} (asked for ${waitedS} s)`, {
      ...(last && { cause: last }),
      retryAfterMs: last?.retryAfterMs ?? SOON_MS,
    })
  }
}
