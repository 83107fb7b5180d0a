import type { Plan, Priority } from '#schemas/plan.ts'

/** The queues of one agent type at one moment. */
export interface QueueSample {
  /** Of a clock that goes forward. */
  atMs: number
  /** Steps that nobody has taken yet, by priority. */
  waiting: readonly number[]
  /** Steps that instances have in hand. */
  inWork: number
  /** Steps that have left the queues, since some moment in the past. */
  completed: number
}

/** What a step of an agent type has before it. Milliseconds. */
export interface Estimate {
  waitMs: number
  serviceMs: number
  /** From one completion to the next. */
  everyMs: number
}

interface Followed {
  samples: QueueSample[]
  /** Let in since the last sample, by priority. */
  admitted: number[]
}

/** A rate is measured over at least so much time, and no more than this where enough has happened in it. */
const MIN_WINDOW_MS = 900
const USUAL_WINDOW_MS = 5000
/** Slow agents are measured for longer. */
const MAX_WINDOW_MS = 60_000
/** With fewer completions a rate is a guess, and no task is refused for a guess. */
const MIN_COMPLETIONS = 15

/**
 * How long a new step would wait, from the rate at which queues have drained lately. A rate is only worth something while there
 * is more to do than instances take: so it is measured from samples that all saw steps waiting, and there is none on an idle
 * system, on one that has just started, or for agents that don't come. Pure but for its memory; the time comes in.
 */
export class QueueForecast {
  readonly #agents = new Map<string, Followed>()

  /** @param sample undefined: nothing waits, or nobody knows */
  observe(agent: string, sample: QueueSample | undefined): void {
    const before = this.#agents.get(agent)
    if (!sample || sum(sample.waiting) === 0) {
      this.#agents.delete(agent)
      return
    }
    // A consumer that was made anew counts from 0.
    const isContinued = before !== undefined && before.samples.at(-1)!.completed <= sample.completed
    const samples = isContinued ? [...before.samples, sample] : [sample]
    while (samples.length > 2 && isSpent(samples, sample)) samples.shift()
    this.#agents.set(agent, { samples, admitted: sample.waiting.map(() => 0) })
  }

  /** Agent types that were not sampled have no wait. */
  keepOnly(agents: ReadonlySet<string>): void {
    for (const agent of this.#agents.keys()) if (!agents.has(agent)) this.#agents.delete(agent)
  }

  onAdmitted(agent: string, priority: Priority): void {
    const admitted = this.#agents.get(agent)?.admitted
    if (admitted) admitted[priority] = (admitted[priority] ?? 0) + 1
  }

  /** Undefined: not known well enough to refuse anybody. */
  estimate(agent: string, priority: Priority): Estimate | undefined {
    const followed = this.#agents.get(agent)
    const [first, last] = [followed?.samples[0], followed?.samples.at(-1)]
    if (!followed || !first || !last) return undefined
    const spanMs = last.atMs - first.atMs
    const completed = last.completed - first.completed
    if (spanMs < MIN_WINDOW_MS || completed < MIN_COMPLETIONS) return undefined
    const msEach = spanMs / completed
    // Lower priorities are behind it; those of the same one came before.
    const ahead = sum(last.waiting.slice(0, priority + 1)) + sum(followed.admitted.slice(0, priority + 1))
    const serviceMs = last.inWork * msEach
    return { waitMs: ahead > last.inWork ? ahead * msEach : 0, serviceMs, everyMs: msEach }
  }
}

/** Whether the rate is as good, or true of now, only without the first sample. */
function isSpent([first, second]: readonly QueueSample[], last: QueueSample): boolean {
  const ageMs = last.atMs - first!.atMs
  if (ageMs <= USUAL_WINDOW_MS) return false
  return ageMs > MAX_WINDOW_MS || last.completed - second!.completed >= MIN_COMPLETIONS
}

/**
 * When a plan that begins now would end: its longest path, each step with what it has before it. Steps of agent types that
 * nobody waits for take no time here. Pure.
 * @param plan without cycles
 */
export function predictedMs(plan: Plan, estimateOf: (agent: string) => Estimate | undefined): number {
  const ends = new Map<string, number>()
  const steps = new Map(plan.steps.map((step) => [step.id, step]))
  const endOf = (id: string): number => {
    const known = ends.get(id)
    if (known !== undefined) return known
    const step = steps.get(id)
    if (!step) return 0
    const estimate = step.agent === undefined ? undefined : estimateOf(step.agent)
    const ownMs = estimate ? estimate.waitMs + estimate.serviceMs : 0
    const end = Math.max(0, ...(step.needs ?? []).map(endOf)) + ownMs
    ends.set(id, end)
    return end
  }
  return Math.max(0, ...plan.steps.map(({ id }) => endOf(id)))
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
