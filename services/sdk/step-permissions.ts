import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Calling } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import {
  MAX_STEPS_A_REQUEST,
  type ReleaseStepsRequest,
  type StartStepsRequest,
  type StartVerdict,
} from '#schemas/step-message.ts'

/** One attempt in a question. */
export type StepToStart = StartStepsRequest['steps'][number]

export interface StepPermissionsDeps {
  agent: string
  instance: string
  /** When this process began, as its heartbeats say it. Unix milliseconds. */
  bornAtMs: number
  bus: Calling
  clock: Clock
  log: Log
  /** Told what the broker's clock shows, as far as the orchestrator knows. */
  onBrokerTime: (brokerNowMs: number) => void
}

interface Question {
  step: StepToStart
  answer: (verdict: StartVerdict | undefined) => void
}

const REQUEST_TIMEOUT_MS = 2000
const AGAIN_AFTER_MS = 250
const AGAIN_AFTER_AT_MOST_MS = 5000
/** An instance that stops has no time to wait for somebody who is away. */
const RELEASED_TIMEOUT_MS = 500

/** What an instance asks an orchestrator about steps: may I run it; and, at the end, I hand it back. */
export class StepPermissions {
  readonly #deps: StepPermissionsDeps
  #waiting: Question[] = []

  constructor(deps: StepPermissionsDeps) {
    this.#deps = deps
  }

  /**
   * Asks until somebody answers; what comes within the same turn of the event loop goes in one request.
   * @returns undefined when the signal came before the answer
   */
  async ask(step: StepToStart, signal: AbortSignal): Promise<StartVerdict | undefined> {
    for (
      let afterMs = AGAIN_AFTER_MS;
      !signal.aborted;
      afterMs = Math.min(2 * afterMs, AGAIN_AFTER_AT_MOST_MS)
    ) {
      const verdict = await orAborted(this.#askOnce(step), signal)
      if (verdict || signal.aborted) return verdict
      await this.#deps.clock.sleep(afterMs, signal)
    }
    return undefined
  }

  /** Hands attempts back, so that no mark is made against them. Waits half a second at most; never rejects. */
  async release(steps: ReleaseStepsRequest['steps']): Promise<void> {
    const { agent, bus, instance, log } = this.#deps
    const options = { agent, timeoutMs: RELEASED_TIMEOUT_MS }
    const requests = inChunks(steps).map((chunk) =>
      bus.call('releaseSteps', { instance, steps: chunk.map(attemptOf) }, options),
    )
    for (const end of await Promise.allSettled(requests))
      if (end.status === 'rejected')
        log.warn({ reason: messageOf(end.reason) }, 'steps were given back without an orchestrator knowing')
  }

  /** @returns undefined when nobody answered */
  #askOnce(step: StepToStart): Promise<StartVerdict | undefined> {
    return new Promise((answer) => {
      this.#waiting.push({ step, answer })
      if (this.#waiting.length === 1) setImmediate(() => this.#send())
    })
  }

  #send(): void {
    for (const questions of inChunks(this.#waiting.splice(0))) void this.#request(questions)
  }

  async #request(questions: Question[]): Promise<void> {
    const verdicts = await requestStarts(
      this.#deps,
      questions.map(({ step }) => step),
    )
    for (const [i, { answer }] of questions.entries()) answer(verdicts?.[i])
  }
}

/**
 * One request about up to 256 steps.
 * @returns a verdict for each, or undefined when nobody answered, or not in a way that can be understood; never rejects
 */
export async function requestStarts(
  { agent, instance, bornAtMs, bus, log, onBrokerTime }: Omit<StepPermissionsDeps, 'clock'>,
  steps: StepToStart[],
): Promise<StartVerdict[] | undefined> {
  const request: StartStepsRequest = { instance, bornAtMs, steps }
  try {
    const options = { agent, timeoutMs: REQUEST_TIMEOUT_MS }
    const { verdicts, brokerNowMs } = await bus.call('startSteps', request, options)
    onBrokerTime(brokerNowMs)
    if (verdicts.length === steps.length) return verdicts
    throw new MurmurError('INTERNAL', `${verdicts.length} verdicts for ${steps.length} steps`)
  } catch (error) {
    log.debug({ reason: messageOf(error), steps: steps.length }, 'nobody said whether steps may be run')
    return undefined
  }
}

function attemptOf({ taskId, stepId, attempt }: ReleaseStepsRequest['steps'][number]) {
  return { taskId, stepId, attempt }
}

function inChunks<Item>(items: readonly Item[]): Item[][] {
  const chunks: Item[][] = []
  for (let at = 0; at < items.length; at += MAX_STEPS_A_REQUEST)
    chunks.push(items.slice(at, at + MAX_STEPS_A_REQUEST))
  return chunks
}

function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
