import type { StepMessage, StepOutcome } from '#schemas/step-message.ts'
import type { BrokerTime } from './broker-time.ts'

/** What is to be done with a step that was just taken. */
export type Admission =
  | { kind: 'run' }
  /** Only an orchestrator knows whether it may run. `alone`: nothing else should run in the process meanwhile. */
  | { kind: 'ask'; alone: boolean }
  /** It is not run: this is what has become of it. */
  | { kind: 'settle'; outcome: StepOutcome }

export interface Taken {
  step: StepMessage
  deliveries: number
  /** This instance has stored a result of it before. */
  isRepeated: boolean
  /** When the broker stored it. Unix milliseconds. */
  storedAtMs: number
  brokerTime: BrokerTime
  /** Median of recent runs; undefined until there were enough. Milliseconds. */
  usualMs: number | undefined
}

/** Beyond this in the queue the task may be over: asked before it is run. */
export const LONG_IN_QUEUE_MS = 5000
/** Beyond this there is more work than hands, and what can't be done in time gives way to what can. */
const OVERLOADED_IN_QUEUE_MS = 1000

const RUN: Admission = { kind: 'run' }

/** Whether a step may be begun, as far as it can be told from the step itself. Pure. */
export function admitStep(taken: Taken): Admission {
  const { step, deliveries, storedAtMs, brokerTime } = taken
  const passedMs = brokerTime.passedMs()
  if (step.expiresAtMs !== undefined && passedMs >= step.expiresAtMs) return expired(taken, passedMs)
  // As a rule only its acknowledgement was lost. But a broker that was set back to an earlier state has lost the result as well.
  if (taken.isRepeated) return { kind: 'ask', alone: false }
  const again = deliveries > 1 || step.alone === true
  if (!again && isHopeless(taken, passedMs)) return hopeless(taken, passedMs)
  if (again) return { kind: 'ask', alone: true }
  return brokerTime.suspectedMs() - storedAtMs > LONG_IN_QUEUE_MS ? { kind: 'ask', alone: false } : RUN
}

/** Its task ends before a run of the usual length would, and others wait. */
function isHopeless({ step, storedAtMs, usualMs }: Taken, passedMs: number): boolean {
  if (step.deadlineAtMs === undefined || usualMs === undefined) return false
  return passedMs - storedAtMs > OVERLOADED_IN_QUEUE_MS && step.deadlineAtMs - passedMs < usualMs
}

function expired({ step, storedAtMs }: Taken, passedMs: number): Admission {
  const message = `no instance of agent "${step.agent}" was free in time: the attempt waited for ${inSeconds(passedMs - storedAtMs)} in its queue and was to begin ${inSeconds(passedMs - step.expiresAtMs!)} ago`
  return { kind: 'settle', outcome: { kind: 'retry', error: { code: 'QUEUE_TIMEOUT', message } } }
}

function hopeless({ step, storedAtMs, usualMs }: Taken, passedMs: number): Admission {
  const leftMs = Math.max(0, step.deadlineAtMs! - passedMs)
  const message = `not begun: the attempt waited for ${inSeconds(passedMs - storedAtMs)} in its queue, ${inSeconds(leftMs)} are left until the task's deadline, and agent "${step.agent}" usually takes ${inSeconds(usualMs!)}`
  return { kind: 'settle', outcome: { kind: 'fail', error: { code: 'QUEUE_TIMEOUT', message } } }
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

const KEPT = 32
/** Fewer say nothing yet. */
const ENOUGH = 8

/** How long the last runs took. */
export class RecentDurations {
  readonly #ring: number[] = []
  #next = 0
  #median: number | undefined

  add(durationMs: number): void {
    this.#ring[this.#next] = durationMs
    this.#next = (this.#next + 1) % KEPT
    this.#median = undefined
  }

  /** Milliseconds; undefined until there were eight. */
  get medianMs(): number | undefined {
    if (this.#ring.length < ENOUGH) return undefined
    this.#median ??= this.#ring.toSorted((a, b) => a - b)[this.#ring.length >> 1]
    return this.#median
  }
}
