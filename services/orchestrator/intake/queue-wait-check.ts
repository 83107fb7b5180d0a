import type { Priority, Step } from '#schemas/plan.ts'
import { type AdmissionCheck, type Line, Refusal, retryAfterMs, type TaskDemand } from './admission-check.ts'
import { type Estimate, predictedMs, type QueueForecast } from './queue-forecast.ts'

/**
 * Of the time that a task allows, so much may be gone before it is refused: a forecast is not exact, and a task that is done
 * just after its deadline has cost as much as one that was of use.
 */
const USABLE_SHARE = 0.75

/** Refuses at once what would most likely not be done in time: what is let in then is, however much is offered. */
export class QueueWaitCheck implements AdmissionCheck {
  readonly #forecast: QueueForecast

  constructor(forecast: QueueForecast) {
    this.#forecast = forecast
  }

  refusal(demand: TaskDemand | undefined): Refusal | undefined {
    // One that begins later meets other queues than those of now.
    if (!demand || demand.accepted.delayMs > 0) return undefined
    const { plan, priority, deadlineMs } = demand.accepted
    const estimateOf = (agent: string) => this.#forecast.estimate(agent, priority)
    for (const { agent, queueTimeoutMs } of firstSteps(plan.steps)) {
      const estimate = estimateOf(agent)
      const waitMs = estimate?.waitMs ?? 0
      const limitMs = (queueTimeoutMs ?? deadlineMs) * USABLE_SHARE
      if (waitMs > limitMs)
        return tooLong(`a step of agent "${agent}" would wait ${inSeconds(waitMs)}`, waitMs - limitMs, {
          of: `${agent} ${priority}`,
          everyMs: estimate!.everyMs,
        })
    }
    const endMs = predictedMs(plan, estimateOf)
    const limitMs = deadlineMs * USABLE_SHARE
    if (endMs <= limitMs) return undefined
    return tooLong(
      `the task would take ${inSeconds(endMs)} of the ${inSeconds(deadlineMs)} that it may`,
      endMs - limitMs,
      slowest(plan.steps, priority, estimateOf),
    )
  }

  onAdmitted({ accepted: { plan, priority } }: TaskDemand): undefined {
    for (const { agent } of firstSteps(plan.steps)) this.#forecast.onAdmitted(agent, priority)
  }
}

function firstSteps(steps: readonly Step[]): (Step & { agent: string })[] {
  return steps.filter(
    (step): step is Step & { agent: string } => step.agent !== undefined && !step.needs?.length,
  )
}

/** Those who wait for the agent of the plan that has the most before it. */
function slowest(
  steps: readonly Step[],
  priority: Priority,
  estimateOf: (agent: string) => Estimate | undefined,
): Line | undefined {
  let most: (Line & { waitMs: number }) | undefined
  for (const { agent } of steps) {
    const estimate = agent === undefined ? undefined : estimateOf(agent)
    if (estimate && estimate.waitMs >= (most?.waitMs ?? 0))
      most = { of: `${agent} ${priority}`, everyMs: estimate.everyMs, waitMs: estimate.waitMs }
  }
  return most
}

function tooLong(what: string, excessMs: number, line: Line | undefined): Refusal {
  return new Refusal('wait', `${what}, with what is queued already`, retryAfterMs(excessMs, 1000), line)
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
