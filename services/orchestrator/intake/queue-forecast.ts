import type { Plan, Priority } from '#schemas/plan.ts'
import type { AgentWork, Brought } from './agent-work.ts'
import { DrainRate } from './drain-rate.ts'
import { type AdmittedTask, PendingAdmissions } from './pending-admissions.ts'

/** The queues of one agent type at one moment. */
export interface QueueSample {
  /** Steps that nobody has taken yet. */
  waiting: number
  /** Steps that instances have in hand. */
  inWork: number
}

/** The work that tasks in flight still need, as the stores say. */
export interface WorkSample {
  /** Of a clock that goes forward. */
  atMs: number
  /** By agent type. */
  work: ReadonlyMap<string, AgentWork>
  /** How far the log of each partition is counted in that. */
  offsets: readonly number[]
  /** Orchestrators that let tasks in, this one among them. */
  orchestrators: number
  /** What instances can do at most, as far as it is known. */
  capacityOf?: ((agent: string) => AgentCapacity | undefined) | undefined
}

/** So many steps at a time, each of which takes so many milliseconds. */
export interface AgentCapacity {
  slots: number
  serviceMs: number
}

/** What a step of an agent type has before it. Milliseconds. */
export interface Estimate {
  /** Until a step that is ready now begins. */
  waitMs: number
  /** Until all steps have ended that belong to tasks which were let in before, those among them that are to come. */
  clearedMs: number
  serviceMs: number
  /** For one more step. */
  everyMs: number
}

interface Followed {
  work: AgentWork
  rate: DrainRate
  isBacklogged: boolean
  /** Steps in hand when it was last seen with a backlog: then every slot is taken. */
  slots: number
  capacity: AgentCapacity | undefined
  /** Let in here and not in `work` yet, by priority. */
  unseenReady: number[]
  unseenAll: number[]
}

/** What was let in and is counted by nobody yet. */
interface Unseen {
  priority: Priority
  brought: ReadonlyMap<string, Brought>
}

const NOTHING: Brought = { ready: 0, all: 0 }
const NO_WORK: AgentWork = { ready: [0, 0, 0, 0], later: [0, 0, 0, 0], done: [0, 0, 0, 0] }
/** Steps take longer while all slots of all agents are taken, as they share processors: of what slots could do, so much is counted on. */
const UNPROVEN_SHARE = 1 / 3
/** Of so many steps each less urgent priority with work gets one. */
const STEPS_A_SHARE = 18

/**
 * How long a new task would take, from what is to be done for each agent type and how fast it does it. What is to be done: all steps that
 * tasks in flight still need, also those that are not ready yet, and what was let in since that was counted. How fast: as it was
 * while there was more to do than instances take, lately; for an agent type that nobody has seen so yet, what its slots can do at most. Where that
 * is not known either nothing is said, and nobody is refused for a guess. Pure but for its memory; the time comes in.
 */
export class QueueForecast {
  readonly #agents = new Map<string, Followed>()
  readonly #pending = new PendingAdmissions<Unseen>((unseen, sign) => this.#count(unseen, sign))
  #orchestrators = 1

  /** @param looks at the queues of those with most to do; those of other agent types have no backlog */
  observeQueues(looks: ReadonlyMap<string, QueueSample>): void {
    for (const [agent, followed] of this.#agents) if (!looks.has(agent)) followed.isBacklogged = false
    for (const [agent, { waiting, inWork }] of looks) {
      const followed = this.#followed(agent)
      followed.isBacklogged = waiting > 0
      if (waiting > 0) followed.slots = inWork
    }
  }

  observeWork({ atMs, work, offsets, orchestrators, capacityOf }: WorkSample): void {
    this.#orchestrators = Math.max(1, orchestrators)
    this.#pending.observe((partition) => offsets[partition] ?? 0)
    for (const agent of work.keys()) this.#followed(agent)
    for (const [agent, followed] of this.#agents) {
      followed.work = work.get(agent) ?? NO_WORK
      followed.capacity = capacityOf?.(agent)
      if (followed.isBacklogged) followed.rate.observe(atMs, followed.work)
      else followed.rate.rest(atMs)
    }
  }

  /** It was let in. Of the result, `stored` or `withdrawn` is called afterwards. */
  onAdmitted(priority: Priority, brought: ReadonlyMap<string, Brought>): AdmittedTask {
    return this.#pending.add({ priority, brought })
  }

  /**
   * Undefined: not known well enough to refuse anybody.
   * @param promised steps of those who were told to come and are before him
   */
  estimate(agent: string, priority: Priority, promised: Brought = NOTHING): Estimate | undefined {
    const followed = this.#agents.get(agent)
    if (!followed) return undefined
    const { work, capacity, unseenReady, unseenAll, rate } = followed
    const slots = capacity?.slots ?? followed.slots
    const perMs = rate.perMs ?? (capacity && (slots / capacity.serviceMs) * UNPROVEN_SHARE)
    if (perMs === undefined) return undefined
    // What the others have let in since then nobody has told us: as much as we have, as submissions are spread over all.
    const times = this.#orchestrators
    const ready = upTo(priority, work.ready) + times * upTo(priority, unseenReady) + promised.ready
    const known = upTo(priority, work.ready) + upTo(priority, work.later) + times * upTo(priority, unseenAll)
    const all = known + promised.all
    // Whatever more urgent comes meanwhile goes first, but for the share that every priority has.
    const drain = Math.max(perMs - rate.arrivingPerMs(priority), perMs / STEPS_A_SHARE)
    return {
      // Of those in hand, half has been done on average.
      waitMs: ready < Math.max(1, slots) ? 0 : (ready - slots / 2) / drain,
      clearedMs: all <= slots ? 0 : all / drain,
      serviceMs: slots / perMs,
      everyMs: 1 / drain,
    }
  }

  #count({ priority, brought }: Unseen, sign: 1 | -1): void {
    for (const [agent, { ready, all }] of brought) {
      const { unseenReady, unseenAll } = this.#followed(agent)
      unseenReady[priority]! += sign * ready
      unseenAll[priority]! += sign * all
    }
  }

  /** Agent types are those of plans that were let in, so they are no more than there are. */
  #followed(agent: string): Followed {
    let followed = this.#agents.get(agent)
    if (!followed) {
      followed = {
        ...{ work: NO_WORK, rate: new DrainRate(), isBacklogged: false, slots: 0 },
        ...{ capacity: undefined, unseenReady: [0, 0, 0, 0], unseenAll: [0, 0, 0, 0] },
      }
      this.#agents.set(agent, followed)
    }
    return followed
  }
}

/**
 * When a plan that begins now would end: its longest path. Each step waits for what is ready before it, and is not done before all that tasks
 * before it still need of its agent: the first is true of steps that come back to the same agents, the second of a queue that has not
 * built up yet. Steps of agent types that nobody waits for take no time here. Pure.
 * @param plan without cycles
 * @param brought what the plan brings itself, which is done one after the other at worst
 */
export function predictedMs(
  plan: Plan,
  brought: ReadonlyMap<string, Brought>,
  estimateOf: (agent: string) => Estimate | undefined,
): number {
  const ends = new Map<string, number>()
  const steps = new Map(plan.steps.map((step) => [step.id, step]))
  const endOf = (id: string): number => {
    const known = ends.get(id)
    if (known !== undefined) return known
    const step = steps.get(id)
    if (!step) return 0
    const begin = Math.max(0, ...(step.needs ?? []).map(endOf))
    const estimate = step.agent === undefined ? undefined : estimateOf(step.agent)
    let end = begin
    if (estimate && step.agent !== undefined) {
      const own = brought.get(step.agent)
      const { waitMs, clearedMs, serviceMs, everyMs } = estimate
      const ownMs = (count = 1) => (count - 1) * everyMs
      end = Math.max(begin + waitMs + ownMs(own?.ready || 1), clearedMs + ownMs(own?.all)) + serviceMs
    }
    ends.set(id, end)
    return end
  }
  return Math.max(0, ...plan.steps.map(({ id }) => endOf(id)))
}

function upTo(priority: number, counts: readonly number[]): number {
  let sum = 0
  for (let i = 0; i <= priority; i++) sum += counts[i] ?? 0
  return sum
}
