import type { Plan, Priority, Step } from '#schemas/plan.ts'
import { type AdmissionCheck, type Line, Refusal, retryAfterMs, type TaskDemand } from './admission-check.ts'
import { type Brought, broughtBy } from './agent-work.ts'
import type { AdmittedTask } from './pending-admissions.ts'
import { type Estimate, predictedMs, type QueueForecast } from './queue-forecast.ts'

/**
 * Of the time that a task allows, so much may be gone by the forecast before it is refused: so that what was let in is still done in time when
 * agents become half as fast while it waits, and the forecast errs by a quarter. As long as something waits nobody is idle: this costs no work
 * that could be done.
 */
const USABLE_SHARE = 0.4

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
    const estimates = this.#estimates(plan, priority)
    // With nothing before it a task has all that there is: only a run shows whether that is enough.
    if (![...estimates.values()].some(({ waitMs, clearedMs }) => waitMs > 0 || clearedMs > 0))
      return undefined
    const brought = broughtBy(plan)
    // Each orchestrator has a line of its own, so that of all places it may give one in so many.
    const lineOf = (agent: string) => {
      const { everyMs = 0, sharers = 1 } = estimates.get(agent) ?? {}
      return { of: `${agent} ${priority}`, everyMs: everyMs * sharers * (brought.get(agent)?.all ?? 1) }
    }
    for (const { agent, queueTimeoutMs } of firstSteps(plan.steps)) {
      const waitMs = estimates.get(agent)?.waitMs ?? 0
      const limitMs = (queueTimeoutMs ?? deadlineMs) * USABLE_SHARE
      if (waitMs > limitMs)
        return tooLong(
          `a step of agent "${agent}" would wait ${inSeconds(waitMs)}`,
          waitMs - limitMs,
          lineOf(agent),
        )
    }
    const endMs = predictedMs(plan, brought, (agent) => estimates.get(agent))
    const limitMs = deadlineMs * USABLE_SHARE
    if (endMs <= limitMs) return undefined
    const agent = slowest(estimates, brought)
    return tooLong(
      `the task would take ${inSeconds(endMs)} of the ${inSeconds(deadlineMs)} that it may`,
      endMs - limitMs,
      agent === undefined ? undefined : lineOf(agent),
    )
  }

  onAdmitted({ accepted: { plan, priority, delayMs } }: TaskDemand): AdmittedTask | undefined {
    return delayMs > 0 ? undefined : this.#forecast.onAdmitted(priority, broughtBy(plan))
  }

  #estimates(plan: Plan, priority: Priority): Map<string, Estimate> {
    const estimates = new Map<string, Estimate>()
    for (const { agent } of plan.steps) {
      const estimate =
        agent === undefined || estimates.has(agent) ? undefined : this.#forecast.estimate(agent, priority)
      if (estimate) estimates.set(agent!, estimate)
    }
    return estimates
  }
}

function firstSteps(steps: readonly Step[]): (Step & { agent: string })[] {
  return steps.filter(
    (step): step is Step & { agent: string } => step.agent !== undefined && !step.needs?.length,
  )
}

/** The agent type of the plan that has the most before it. */
function slowest(
  estimates: ReadonlyMap<string, Estimate>,
  brought: ReadonlyMap<string, Brought>,
): string | undefined {
  let most: { agent: string; ms: number } | undefined
  for (const [agent, { waitMs, clearedMs, everyMs }] of estimates) {
    const ms = Math.max(waitMs, clearedMs) + everyMs * (brought.get(agent)?.all ?? 1)
    if (!most || ms > most.ms) most = { agent, ms }
  }
  return most?.agent
}

function tooLong(what: string, excessMs: number, line: Line | undefined): Refusal {
  return new Refusal('wait', `${what}, with what is queued already`, retryAfterMs(excessMs, 1000), line)
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
