import type { Clock } from '#platform/clock/clock.ts'
import { siteOfAgent } from '#schemas/site.ts'
import type { AloneTurns } from './alone-turns.ts'
import type { RunningStep } from './running-steps.ts'
import type { StepPermissions } from './step-permissions.ts'

export interface StepGateDeps {
  clock: Clock
  turns: AloneTurns
  permissions: Pick<StepPermissions, 'ask'>
  /** The agent's handlers work for hours: nobody can wait until they end. */
  interruptible: boolean
  /** Aborted when the instance takes nothing more. */
  stopping: AbortSignal
  /** Told when an orchestrator says that one that runs is over. */
  onOver: (running: RunningStep) => void
}

/** `stopping`: it has not begun, and others can have it. */
export type Passed = 'run' | 'drop' | 'stopping'

interface Patience {
  /** How long it waits until nothing else is in hand. Milliseconds. */
  waitMs: number
  /** How long nothing else is taken while it runs. Milliseconds. */
  aloneMs: number
}

/** Up to this delivery those that come again run together. */
const GROUPED_DELIVERIES = 2
const FIRST: Patience = { waitMs: 2000, aloneMs: 1000 }
const GROWTH = 4
const AT_MOST: Patience = { waitMs: 30_000, aloneMs: 60_000 }
const AT_MOST_INTERRUPTIBLE: Patience = { waitMs: 2000, aloneMs: 5000 }
/** An earlier attempt has taken its process down. */
const SUSPECT: Patience = { waitMs: 60_000, aloneMs: 300_000 }
const SUSPECT_INTERRUPTIBLE: Patience = { waitMs: 10_000, aloneMs: 60_000 }

/**
 * How long a step that comes again may keep others from running. Nearly all of them come again for somebody else's fault, so
 * the first time that it has to be alone it is short; each further time it is four times as long, until one that takes its process down
 * does so while it is alone, however late in its run that happens. Pure.
 */
export function patienceOf(step: { deliveries: number; suspect: boolean; interruptible: boolean }): Patience {
  if (step.suspect) return step.interruptible ? SUSPECT_INTERRUPTIBLE : SUSPECT
  const atMost = step.interruptible ? AT_MOST_INTERRUPTIBLE : AT_MOST
  const growth = GROWTH ** Math.max(0, step.deliveries - GROUPED_DELIVERIES - 1)
  return {
    waitMs: Math.min(FIRST.waitMs * growth, atMost.waitMs),
    aloneMs: Math.min(FIRST.aloneMs * growth, atMost.aloneMs),
  }
}

/** What a step has to pass before its handler begins: its turn in the process, and the word of an orchestrator where that counts. */
export class StepGate {
  readonly #deps: StepGateDeps

  constructor(deps: StepGateDeps) {
    this.#deps = deps
  }

  /** @returns undefined when it may run at once, as nearly always */
  pass(
    running: RunningStep,
    admission: { kind: 'run' } | { kind: 'ask'; alone: boolean },
  ): Promise<Passed> | undefined {
    if (admission.kind === 'ask')
      return admission.alone ? this.#passAlone(running) : this.#passTogether(running, true)
    const { turns, stopping } = this.#deps
    const waiting = turns.enter(stopping)
    if (waiting) return this.#passTogether(running, false, waiting)
    running.turn = 'together'
    running.begin(false)
    return undefined
  }

  /** To be called when nothing of the step is left, whether or not it has passed. */
  left(running: RunningStep): void {
    const { turn } = running
    if (!turn) return
    running.turn = undefined
    if (turn === 'alone') this.#deps.turns.leaveAlone()
    else this.#deps.turns.leave()
    running.endShare?.()
  }

  async #passTogether(
    running: RunningStep,
    asks: boolean,
    waiting = this.#deps.turns.enter(this.#deps.stopping),
  ): Promise<Passed> {
    if (waiting && !(await waiting)) return 'stopping'
    running.turn = 'together'
    const passed = asks ? await this.#ask(running, false) : 'run'
    if (passed === 'run') running.begin(asks)
    return passed
  }

  async #passAlone(running: RunningStep): Promise<Passed> {
    const { interruptible, stopping, turns } = this.#deps
    const { deliveries } = running
    const suspect = running.step.alone === true
    const { waitMs, aloneMs } = patienceOf({ deliveries, suspect, interruptible })
    // On a site it comes again for a cut link as a rule, and another process has it still: that one is not waited for in a turn.
    if (siteOfAgent(running.step.agent) !== undefined) {
      const asked = await this.#ask(running, false)
      if (asked !== 'run') return asked
    }
    const grouped = deliveries <= GROUPED_DELIVERIES && !suspect
    const alone = await turns.enterAlone({ waitMs, deliveries, grouped }, stopping)
    if (alone === undefined) return 'stopping'
    running.turn = alone ? 'alone' : 'together'
    const passed = await this.#ask(running, alone)
    if (passed !== 'run') return passed
    running.begin(true)
    if (alone) void this.#shareAfter(running, aloneMs)
    return 'run'
  }

  async #ask(running: RunningStep, alone: boolean): Promise<Passed> {
    const verdict = await this.#deps.permissions.ask(questionOf(running, alone), this.#deps.stopping)
    return verdict?.verdict ?? 'stopping'
  }

  /** It has run long enough without doing harm: others may begin, as soon as an orchestrator knows that it is not alone any more. */
  async #shareAfter(running: RunningStep, aloneMs: number): Promise<void> {
    const { clock, onOver, permissions, stopping, turns } = this.#deps
    const ending = new AbortController()
    running.endShare = () => ending.abort()
    const signal = AbortSignal.any([ending.signal, stopping])
    await clock.sleep(aloneMs, signal)
    const verdict = await permissions.ask(questionOf(running, false), signal)
    if (verdict?.verdict === 'drop') onOver(running)
    else if (verdict && running.turn === 'alone') {
      running.turn = 'together'
      turns.shareTurn()
    }
  }
}

function questionOf(running: RunningStep, alone: boolean) {
  const { taskId, stepId, attempt } = running.step
  return { taskId, stepId, attempt, deliveries: running.deliveries, alone, running: running.begun }
}
