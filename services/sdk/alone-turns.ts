import type { Clock } from '#platform/clock/clock.ts'
import { deferred } from '#platform/clock/promises.ts'

/** What takes new work, and can be told not to for a while. */
export interface Pausable {
  pause(): void
  resume(): void
}

interface Waiter {
  begin: (alone: boolean | undefined) => void
  /** Whose turn it is changes with this number, so that none is always behind the same others. */
  deliveries: number
  /** Of those that came again for the first time: beside others, or alone where nobody else is there. */
  grouped: boolean
  /** It has waited long enough: it begins beside others as soon as nobody is alone. */
  impatient: boolean
}

/** A process that died had several steps in hand as a rule, and they come again one after the other. Milliseconds. */
const COLLECT_MS = 100
/**
 * As a rule it is over sooner: what was taken meanwhile waits in hand. Taking nothing gives messages back that were on their
 * way, and each of those would come again and want to be alone.
 */
const PAUSE_AFTER_MS = 1000

/**
 * Who runs in a process: all together, or one alone. A step that came again may be one that takes its process down: as long
 * as nothing else is in hand, it takes nobody else's work with it, and if it does it is known who it was.
 *
 *              enter                          enterAlone, nothing in hand
 *   together ◄───────── (idle) ─────────────────────────────► alone
 *      │  enterAlone: nothing new begins, and after a second    │ shareTurn, leaveAlone:
 *      │  nothing new is taken; the last one leaves             │ others begin again
 *      └────────────────────────────────────────────────────────┘
 *
 * A process that died once had several steps in hand as a rule, and that says nothing of any of them: those that came again for the first time
 * are `grouped`. Several begin together, so that they take no longer than the longest of them; one that nobody else is beside is alone. Should
 * their process die too, each of them is alone the next time.
 *
 * One for all agents of a process: they share its outcome.
 */
export class AloneTurns {
  readonly #clock: Pick<Clock, 'sleep'>
  readonly #intakes: Pausable[] = []
  readonly #wantAlone: Waiter[] = []
  /** Told whether they give up. */
  readonly #wantTogether: ((gaveUp: boolean) => void)[] = []
  #together = 0
  #isAlone = false
  /** As long as it is there nothing new begins; aborted when that is over. */
  #holding: AbortController | undefined
  /** Those that come again at the same time are waited for before one of them has its turn. */
  #collecting = false

  constructor(clock: Pick<Clock, 'sleep'>) {
    this.#clock = clock
  }

  addIntake(intake: Pausable): void {
    this.#intakes.push(intake)
  }

  /**
   * Begins beside others.
   * @returns undefined when at once, as nearly always; otherwise resolves when it may begin, or with false when the signal came first
   */
  enter(signal: AbortSignal): Promise<boolean> | undefined {
    if (!this.#holding) {
      this.#together++
      return undefined
    }
    return this.#enterLater(signal)
  }

  leave(): void {
    this.#together--
    if (this.#holding) this.#next()
  }

  /**
   * Begins when nothing else is in hand, or after `waitMs` beside what is still there then; never beside one that is alone. One that is
   * `grouped` waits for nobody but those who are alone, and for others like it that come in the same moment.
   * @returns whether it is alone: it ends with `leaveAlone` then, with `leave` otherwise; undefined when the signal came first
   */
  async enterAlone(
    { waitMs, deliveries, grouped = false }: { waitMs: number; deliveries: number; grouped?: boolean },
    signal: AbortSignal,
  ): Promise<boolean | undefined> {
    if (signal.aborted) return undefined
    const { promise, resolve } = deferred<boolean | undefined>()
    const waiter: Waiter = { begin: resolve, deliveries, grouped, impatient: false }
    this.#wantAlone.push(waiter)
    if (!this.#holding) void this.#collect()
    const waiting = new AbortController()
    void this.#clock.sleep(waitMs, waiting.signal).then(() => {
      if (!this.#wantAlone.includes(waiter)) return
      waiter.impatient = true
      this.#next()
    })
    const giveUp = () => this.#remove(waiter)
    signal.addEventListener('abort', giveUp, { once: true })
    const alone = await promise
    signal.removeEventListener('abort', giveUp)
    waiting.abort()
    if (alone === undefined || !signal.aborted) return alone
    if (alone) this.leaveAlone()
    else this.leave()
    return undefined
  }

  leaveAlone(): void {
    this.#isAlone = false
    this.#next()
  }

  /** It goes on beside others, and ends with `leave`. */
  shareTurn(): void {
    this.#together++
    this.leaveAlone()
  }

  async #enterLater(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const { promise, resolve } = deferred<boolean>()
    this.#wantTogether.push(resolve)
    const giveUp = () => {
      const at = this.#wantTogether.indexOf(resolve)
      if (at < 0) return
      this.#wantTogether.splice(at, 1)
      resolve(true)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    const gaveUp = await promise
    signal.removeEventListener('abort', giveUp)
    if (gaveUp || !signal.aborted) return !gaveUp
    this.leave()
    return false
  }

  #remove(waiter: Waiter): void {
    const at = this.#wantAlone.indexOf(waiter)
    if (at < 0) return
    this.#wantAlone.splice(at, 1)
    waiter.begin(undefined)
    this.#next()
  }

  async #collect(): Promise<void> {
    const holding = new AbortController()
    this.#holding = holding
    this.#collecting = true
    await this.#clock.sleep(COLLECT_MS)
    this.#collecting = false
    this.#next()
    await this.#clock.sleep(PAUSE_AFTER_MS - COLLECT_MS, holding.signal)
    if (!holding.signal.aborted) for (const intake of this.#intakes) intake.pause()
  }

  #next(): void {
    if (this.#isAlone || this.#collecting) return
    if (this.#together > 0 || this.#wantAlone.length > 1) this.#beginBeside(({ grouped }) => grouped)
    if (this.#wantAlone.length > 0 && this.#together === 0) this.#beginAlone()
    else this.#beginBeside(({ impatient }) => impatient)
    if (!this.#isAlone && this.#wantAlone.length === 0) this.#goOn()
  }

  #beginAlone(): void {
    const count = this.#wantAlone.length
    const at = (this.#wantAlone[0]!.deliveries + count - 1) % count
    const [waiter] = this.#wantAlone.splice(at, 1)
    this.#isAlone = true
    waiter!.begin(true)
  }

  #beginBeside(may: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#wantAlone.filter(may)) {
      this.#wantAlone.splice(this.#wantAlone.indexOf(waiter), 1)
      this.#together++
      waiter.begin(false)
    }
  }

  #goOn(): void {
    this.#holding?.abort()
    this.#holding = undefined
    this.#together += this.#wantTogether.length
    for (const resolve of this.#wantTogether.splice(0)) resolve(false)
    for (const intake of this.#intakes) intake.resume()
  }
}
