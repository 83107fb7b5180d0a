import type { Plan, Priority, Step } from '#schemas/plan.ts'
import { PRIORITIES } from '#subjects/subjects.ts'
import {
  type AdmissionCheck,
  MAX_LINE_MS,
  Refusal,
  retryAfterMs,
  type TaskDemand,
} from './admission-check.ts'
import { type Brought, broughtBy } from './agent-work.ts'
import type { AdmittedTask } from './pending-admissions.ts'
import { NOBODY, type View } from './places.ts'
import { type Estimate, predictedMs, type QueueForecast } from './queue-forecast.ts'
import type { Need, Needs } from './waiting-line.ts'

/**
 * Of the time that a task allows, so much may be gone by the forecast before it is refused: so that what was let in is still done in time when
 * agents become half as fast while it waits, and the forecast errs by a quarter. As long as something waits nobody is idle: this costs no work
 * that could be done.
 */
const USABLE_SHARE = 0.4
/** And of one who was told to come now: forecasts err, and what was promised is kept. */
const PROMISED_SHARE = 0.6
/** Whoever came in vain is told to come so much later than the forecast says, which was wrong once. */
const AGAIN_MS = 1000

/** What comes: how urgent it is, and what it brings. */
interface Own {
  priority: Priority
  brought: ReadonlyMap<string, Brought>
}

/** Refuses at once what would most likely not be done in time: what is let in then is, however much is offered. */
export class QueueWaitCheck implements AdmissionCheck {
  readonly #forecast: QueueForecast

  constructor(forecast: QueueForecast) {
    this.#forecast = forecast
  }

  refusal(demand: TaskDemand | undefined, _active?: number, view = NOBODY): Refusal | undefined {
    // One that begins later meets other queues than those of now.
    if (!demand || demand.accepted.delayMs > 0) return undefined
    const { plan, priority, deadlineMs } = demand.accepted
    const own: Own = { priority, brought: broughtBy(plan) }
    // Whoever may go first has nobody before him who was only promised something.
    const alone = view.isDue ? undefined : this.#estimates(plan, own, NOBODY)
    const turnMs = alone && turnOf(own, { estimates: alone, view })
    const estimates = alone && turnMs === undefined ? alone : this.#estimates(plan, own, view)
    // With nothing before it a task has all that there is: only a run shows whether that is enough.
    if (![...estimates.values()].some(({ waitMs, clearedMs }) => waitMs > 0 || clearedMs > 0))
      return undefined
    const excess = mostExcess(plan, { ...own, deadlineMs, estimates, isDue: view.isDue })
    if (excess.ms <= 0 && turnMs === undefined) return undefined
    const what =
      excess.ms > 0 ? excess.what : `others were told to come in the next ${inSeconds(turnMs ?? 0)}`
    const againMs = view.isDue ? AGAIN_MS + excess.ms / 4 : 0
    const afterMs = retryAfterMs(Math.max(excess.ms, turnMs ?? 0) + againMs, 1000, MAX_LINE_MS)
    return new Refusal(
      'wait',
      `${what}, with what is queued already`,
      afterMs,
      needsOf(own, (mostCleared(estimates) * excess.limitMs) / Math.max(excess.endMs, excess.limitMs)),
    )
  }

  onAdmitted({ accepted: { plan, priority, delayMs } }: TaskDemand): AdmittedTask | undefined {
    return delayMs > 0 ? undefined : this.#forecast.onAdmitted(priority, broughtBy(plan))
  }

  #estimates(plan: Plan, { priority }: Own, view: View): Map<string, Estimate> {
    const estimates = new Map<string, Estimate>()
    for (const { agent } of plan.steps) {
      if (agent === undefined || estimates.has(agent)) continue
      const estimate = this.#forecast.estimate(agent, priority, promised(agent, priority, view))
      if (estimate) estimates.set(agent, estimate)
    }
    return estimates
  }
}

/**
 * When all have come who were told to, and what they bring has been begun. Undefined: nobody was, or it goes faster than was thought, and
 * there will be as little before them as they were told though this one goes first.
 * @param about.estimates without those who were told to come
 */
function turnOf(
  own: Own,
  { estimates, view }: { estimates: ReadonlyMap<string, Estimate>; view: View },
): number | undefined {
  let lastMs: number | undefined
  for (const [agent, { clearedMs, everyMs }] of estimates) {
    const ownMs = everyMs * (own.brought.get(agent)?.all ?? 1)
    for (const priority of upTo(own.priority)) {
      const line = lineOf(agent, priority, 'all')
      const untilLastMs = view.untilLastMs(line)
      if (untilLastMs !== undefined && clearedMs + ownMs > view.budgetMs(line, everyMs))
        lastMs = Math.max(lastMs ?? 0, untilLastMs + ownMs)
    }
  }
  return lastMs
}

/** Priorities that are not less urgent. */
const upTo = (priority: Priority) => PRIORITIES.slice(0, priority + 1)

/** By how much it would be late, by the step or the end that is latest; not above 0: it would not. */
function mostExcess(
  plan: Plan,
  about: Own & { deadlineMs: number; estimates: ReadonlyMap<string, Estimate>; isDue: boolean },
): { ms: number; what: string; endMs: number; limitMs: number } {
  const { brought, deadlineMs, estimates, isDue } = about
  const share = isDue ? PROMISED_SHARE : USABLE_SHARE
  const endMs = predictedMs(plan, brought, (agent) => estimates.get(agent))
  const limitMs = deadlineMs * share
  let most = {
    ...{ ms: endMs - limitMs, endMs, limitMs },
    what: `the task would take ${inSeconds(endMs)} of the ${inSeconds(deadlineMs)} that it may`,
  }
  for (const { agent, queueTimeoutMs } of firstSteps(plan.steps)) {
    const waitMs = estimates.get(agent)?.waitMs ?? 0
    const ms = waitMs - (queueTimeoutMs ?? deadlineMs) * share
    if (ms > Math.max(0, most.ms))
      most = { ...most, ms, what: `a step of agent "${agent}" would wait ${inSeconds(waitMs)}` }
  }
  return most
}

/** What those bring who were told to come before him and are not less urgent. */
function promised(agent: string, priority: Priority, view: View): Brought {
  const sum = { ready: 0, all: 0 }
  for (const more of upTo(priority)) {
    sum.ready += view.ahead(lineOf(agent, more, 'ready'))
    sum.all += view.ahead(lineOf(agent, more, 'all'))
  }
  return sum
}

const mostCleared = (estimates: ReadonlyMap<string, Estimate>) =>
  Math.max(0, ...[...estimates.values()].map(({ clearedMs }) => clearedMs))

/** What a task takes that is promised room: its steps, in the lines of their agent types. */
function needsOf({ priority, brought }: Own, leftMs: number): Needs {
  const needs = new Map<string, Need>()
  for (const [agent, { ready, all }] of brought) {
    if (ready > 0) needs.set(lineOf(agent, priority, 'ready'), { units: ready })
    needs.set(lineOf(agent, priority, 'all'), { units: all, leftMs })
  }
  return needs
}

const lineOf = (agent: string, priority: Priority, of: keyof Brought) => `${agent} ${priority} ${of}`

function firstSteps(steps: readonly Step[]): (Step & { agent: string })[] {
  return steps.filter(
    (step): step is Step & { agent: string } => step.agent !== undefined && !step.needs?.length,
  )
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
