import type { Plan, Priority } from '#schemas/plan.ts'
import type { TaskDemand } from '../../services/orchestrator/intake/admission-check.ts'
import type { AgentWork } from '../../services/orchestrator/intake/agent-work.ts'
import { type PlaceChange, Places, type Visitor } from '../../services/orchestrator/intake/places.ts'
import { QueueForecast } from '../../services/orchestrator/intake/queue-forecast.ts'
import { QueueWaitCheck } from '../../services/orchestrator/intake/queue-wait-check.ts'
import { acceptedTask } from '../support/random-plan.ts'

/** A kind of task: how often it comes, and what its steps take of a processor. */
export interface TaskKind {
  readonly share: number
  readonly plan: Plan
  readonly deadlineMs: number
  readonly priority: Priority
}

export interface Scene {
  readonly kinds: readonly TaskKind[]
  /** Slots, and milliseconds of a processor that a step takes on average, by agent type. */
  readonly agents: Readonly<Record<string, { slots: number; costMs: number }>>
  readonly cores: number
  readonly orchestrators: number
  readonly seconds: number
  /** How fast processors are at a second, 1 as a rule; and tasks that come in it. */
  readonly speedAt: (second: number) => number
  readonly arrivalsAt: (second: number) => number
  /** What is seen of the work is so old when it is seen. Milliseconds. */
  readonly lagMs: number
  /** Who is refused comes back when it was said, so often at most. */
  readonly returns: number
  /** So many of a hundred have an idempotency key of their own; the others of a kind send the same. Default: all. */
  readonly keyed?: number
  readonly seed: number
}

export interface Outcome {
  accepted: number
  completed: number
  /** Accepted and not done at the deadline. */
  late: number
  refused: number
  /** Who came back within a second of when it was said: was let in, was not. */
  letIn: number
  refusedAgain: number
  /** Of the time of processors what went into tasks that were completed, since the first tenth. */
  utilisation: number
}

interface Task {
  readonly kind: TaskKind
  readonly deadlineAtMs: number
  readonly needs: Map<string, Set<string>>
  open: number
  spentMs: number
  isOver: boolean
}
interface Run {
  readonly task: Task
  readonly step: string
  readonly agent: string
  leftMs: number
  beganMs: number
}
interface Queue {
  readonly byPriority: Run[][]
  readonly waited: number[]
  readonly running: Set<Run>
  /** What a run took, lately. Milliseconds; 0: none has ended. */
  tookMs: number
}
interface Orchestrator {
  readonly forecast: QueueForecast
  readonly check: QueueWaitCheck
  readonly places: Places
}
interface Client {
  readonly kind: TaskKind
  readonly visitor: Visitor
  readonly tries: number
}
interface Counts {
  ready: number[]
  later: number[]
  done: number[]
}

const TICK_MS = 20
const SAMPLE_MS = 250
const LOOK_MS = 1000
/** Orchestrators hear of each other's places so late. */
const PLACE_LAG_MS = 120
/** `Retry-After` is in whole seconds, and clients have timers. */
const JITTER_MS = 1000
/** Of 18 steps each less urgent priority has one. */
const WAITED_ENOUGH = 17

/**
 * A system under load in virtual time: tasks whose steps follow each other, agents whose slots share processors that become faster and slower,
 * and orchestrators that let tasks in, each knowing only what it was told some time ago and what it did itself since.
 */
export class SimulatedAdmission {
  readonly #scene: Scene
  readonly #draw: () => number
  readonly #queues = new Map<string, Queue>()
  readonly #counts = new Map<string, Counts>()
  readonly #orchestrators: Orchestrator[]
  readonly #tasks: Task[] = []
  /** Samples under way to those who look. */
  readonly #samples: { atMs: number; offset: number; work: Map<string, AgentWork> }[] = []
  readonly #returning: (Client & { atMs: number })[] = []
  /** On its way to the other orchestrators. */
  readonly #told: { atMs: number; from: number; change: PlaceChange }[] = []
  readonly #outcome: Outcome = {
    ...{ accepted: 0, completed: 0, late: 0, refused: 0, letIn: 0, refusedAgain: 0, utilisation: 0 },
  }
  #nowMs = 0
  #seq = 0
  #came = 0
  #clients = 0
  #usefulMs = 0
  #possibleMs = 0

  constructor(scene: Scene) {
    this.#scene = scene
    this.#draw = drawsFrom(scene.seed)
    for (const agent of Object.keys(scene.agents)) {
      this.#queues.set(agent, {
        byPriority: [[], [], [], []],
        waited: [0, 0, 0, 0],
        running: new Set(),
        tookMs: 0,
      })
      this.#counts.set(agent, { ready: [0, 0, 0, 0], later: [0, 0, 0, 0], done: [0, 0, 0, 0] })
    }
    this.#orchestrators = Array.from({ length: scene.orchestrators }, (_, i) => {
      const forecast = new QueueForecast()
      return { forecast, check: new QueueWaitCheck(forecast), places: new Places(`${i}`) }
    })
  }

  run(): Outcome {
    const { seconds } = this.#scene
    for (; this.#nowMs < seconds * 1000; this.#nowMs += TICK_MS) this.#tick(true)
    // What was accepted has its chance to the end.
    for (; this.#tasks.some(({ isOver }) => !isOver); this.#nowMs += TICK_MS) this.#tick(false)
    return { ...this.#outcome, utilisation: this.#usefulMs / this.#possibleMs }
  }

  #tick(isOffered: boolean): void {
    if (this.#nowMs % SAMPLE_MS < TICK_MS) this.#sample()
    this.#tell()
    if (isOffered) this.#arrive()
    for (const task of this.#tasks) if (!task.isOver && this.#nowMs > task.deadlineAtMs) this.#expire(task)
    if (this.#tasks.length > 0 && this.#tasks[0]!.isOver) this.#forget()
    for (const [agent, queue] of this.#queues) this.#fill(agent, queue)
    this.#work(isOffered)
  }

  #arrive(): void {
    const second = this.#nowMs / 1000
    this.#came += (this.#scene.arrivalsAt(second) * TICK_MS) / 1000
    for (; this.#came >= 1; this.#came--) {
      let left = this.#draw()
      const kind =
        this.#scene.kinds.find(({ share }) => {
          left -= share
          return left < 0
        }) ?? this.#scene.kinds[0]!
      const key = this.#draw() * 100 < (this.#scene.keyed ?? 100) ? `key ${this.#clients++}` : undefined
      const visitor = {
        ...{ tenant: 'default', isUnique: key !== undefined },
        key: key ?? `kind ${this.#scene.kinds.indexOf(kind)}`,
      }
      this.#offer({ kind, visitor, tries: 0 })
    }
    const due = this.#returning.filter(({ atMs }) => atMs <= this.#nowMs)
    for (const one of due) {
      this.#returning.splice(this.#returning.indexOf(one), 1)
      this.#offer(one)
    }
  }

  #offer({ kind, visitor, tries }: Client): void {
    const { plan, priority, deadlineMs } = kind
    const accepted = { ...acceptedTask({ taskId: 't', plan }), priority, deadlineMs, delayMs: 0 }
    const demand: TaskDemand = { accepted, bytes: 500 }
    const orchestrator = this.#orchestrators[Math.floor(this.#draw() * this.#orchestrators.length)]!
    const { check, places } = orchestrator
    const view = places.view(visitor, this.#nowMs)
    const refusal = check.refusal(demand, 0, view)
    if (tries > 0) this.#outcome[refusal ? 'refusedAgain' : 'letIn']++
    if (refusal) {
      this.#outcome.refused++
      const { needs, retryAfterMs = 0 } = refusal
      if (needs) places.keep(visitor, needs, { waitMs: retryAfterMs, nowMs: this.#nowMs })
      if (tries < this.#scene.returns) {
        const atMs = this.#nowMs + retryAfterMs + this.#draw() * JITTER_MS
        this.#returning.push({ kind, visitor, tries: tries + 1, atMs })
      }
      return
    }
    places.take(visitor, this.#nowMs)
    check.onAdmitted(demand)?.stored(0, ++this.#seq)
    this.#outcome.accepted++
    this.#begin(kind)
  }

  #begin(kind: TaskKind): void {
    const needs = new Map(kind.plan.steps.map(({ id, needs: of = [] }) => [id, new Set(of)]))
    const task: Task = {
      ...{ kind, needs, deadlineAtMs: this.#nowMs + kind.deadlineMs, open: needs.size },
      ...{ spentMs: 0, isOver: false },
    }
    this.#tasks.push(task)
    for (const { id, agent } of kind.plan.steps) {
      this.#counts.get(agent!)!.later[kind.priority]!++
      if (needs.get(id)!.size === 0) this.#ready(task, id, agent!)
    }
  }

  #ready(task: Task, step: string, agent: string): void {
    const { priority } = task.kind
    const counts = this.#counts.get(agent)!
    counts.later[priority]!--
    counts.ready[priority]!++
    const leftMs = this.#scene.agents[agent]!.costMs * (0.5 + this.#draw())
    this.#queues.get(agent)!.byPriority[priority]!.push({ task, step, agent, leftMs, beganMs: 0 })
  }

  #fill(agent: string, queue: Queue): void {
    while (queue.running.size < this.#scene.agents[agent]!.slots) {
      const owed = queue.waited.findIndex(
        (count, p) => count >= WAITED_ENOUGH && queue.byPriority[p]!.length > 0,
      )
      const priority = owed > 0 ? owed : queue.byPriority.findIndex((runs) => runs.length > 0)
      if (priority < 0) return
      const run = queue.byPriority[priority]!.shift()!
      if (run.task.isOver) continue
      for (const p of queue.waited.keys()) queue.waited[p] = p === priority ? 0 : queue.waited[p]! + 1
      run.beganMs = this.#nowMs
      queue.running.add(run)
    }
  }

  #work(isOffered: boolean): void {
    const { cores, speedAt, seconds } = this.#scene
    const running = [...this.#queues.values()].flatMap((queue) => [...queue.running])
    const speed = speedAt(this.#nowMs / 1000)
    if (isOffered && this.#nowMs >= seconds * 100) this.#possibleMs += cores * speed * TICK_MS
    const eachMs = running.length === 0 ? 0 : Math.min(1, cores / running.length) * speed * TICK_MS
    for (const run of running) {
      run.leftMs -= eachMs
      run.task.spentMs += eachMs
      if (run.leftMs > 0) continue
      const queue = this.#queues.get(run.agent)!
      queue.running.delete(run)
      const tookMs = this.#nowMs + TICK_MS - run.beganMs
      queue.tookMs = queue.tookMs === 0 ? tookMs : 0.9 * queue.tookMs + 0.1 * tookMs
      if (!run.task.isOver) this.#ended(run, isOffered)
    }
  }

  #ended({ task, step, agent }: Run, isOffered: boolean): void {
    const { priority, plan } = task.kind
    const counts = this.#counts.get(agent)!
    counts.ready[priority]!--
    counts.done[priority]!++
    for (const { id, agent: next } of plan.steps)
      if (task.needs.get(id)!.delete(step) && task.needs.get(id)!.size === 0) this.#ready(task, id, next!)
    if (--task.open > 0) return
    task.isOver = true
    this.#outcome.completed++
    if (isOffered && this.#nowMs >= this.#scene.seconds * 100) this.#usefulMs += task.spentMs
  }

  /** Its steps leave; what runs of it runs on for nothing. */
  #expire(task: Task): void {
    task.isOver = true
    this.#outcome.late++
    const { plan, priority } = task.kind
    const open = new Set(plan.steps.map(({ id }) => id))
    for (const { byPriority, running } of this.#queues.values())
      for (const run of [...byPriority.flat(), ...running])
        if (run.task === task && open.delete(run.step)) this.#counts.get(run.agent)!.ready[priority]!--
    for (const { id, agent } of plan.steps)
      if (open.has(id) && task.needs.get(id)!.size > 0) this.#counts.get(agent!)!.later[priority]!--
  }

  #forget(): void {
    const first = this.#tasks.findIndex(({ isOver }) => !isOver)
    this.#tasks.splice(0, first < 0 ? this.#tasks.length : first)
  }

  #sample(): void {
    const copy = ({ ready, later, done }: Counts) => ({
      ready: [...ready],
      later: [...later],
      done: [...done],
    })
    const work = new Map([...this.#counts].map(([agent, counts]) => [agent, copy(counts)]))
    this.#samples.push({ atMs: this.#nowMs, offset: this.#seq, work })
  }

  #tell(): void {
    while (this.#samples.length > 0 && this.#samples[0]!.atMs <= this.#nowMs - this.#scene.lagMs) {
      const { work, offset } = this.#samples.shift()!
      const orchestrators = this.#orchestrators.length
      const capacityOf = (agent: string) => {
        const { tookMs } = this.#queues.get(agent)!
        return tookMs === 0 ? undefined : { slots: this.#scene.agents[agent]!.slots, serviceMs: tookMs }
      }
      for (const { forecast, places } of this.#orchestrators) {
        forecast.observeWork({ atMs: this.#nowMs, work, offsets: [offset], orchestrators, capacityOf })
        places.tidy(this.#nowMs)
      }
    }
    for (const [from, { places }] of this.#orchestrators.entries())
      for (const change of places.changes())
        this.#told.push({ atMs: this.#nowMs + PLACE_LAG_MS, from, change })
    while (this.#told.length > 0 && this.#told[0]!.atMs <= this.#nowMs) {
      const { from, change } = this.#told.shift()!
      for (const [i, { places }] of this.#orchestrators.entries())
        if (i !== from) places.hear(change, this.#nowMs)
    }
    if (this.#nowMs % LOOK_MS >= TICK_MS) return
    const looks = new Map(
      [...this.#queues].map(([agent, { byPriority, running }]) => [
        agent,
        { waiting: byPriority.flat().length, inWork: running.size },
      ]),
    )
    for (const { forecast } of this.#orchestrators) forecast.observeQueues(looks)
  }
}

/** Draws from 0 to 1, the same ones for the same seed (mulberry32). */
function drawsFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
