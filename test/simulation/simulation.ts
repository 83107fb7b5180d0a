import type { TaskControl } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { MESSAGE_IDS, partitionOf } from '#subjects/subjects.ts'
import { Dice } from '../chaos/campaign/dice.ts'
import type { Emission, History, Snapshot } from './history.ts'
import { Network } from './network.ts'
import { healed, PARTITIONS, type Submission, type Troubles, type Wish, type World } from './random-world.ts'
import { SimulatedAgents } from './simulated-agents.ts'
import { SimulatedBroker, type Unplaced } from './simulated-broker.ts'
import { SimulatedOwner } from './simulated-owner.ts'
import { SimulatedObjects, SimulatedStore } from './simulated-store.ts'
import type { Protection, Surroundings } from './surroundings.ts'
import { Timeline } from './timeline.ts'

export const START_MS = 1_790_000_000_000
/** What one world needs at most, many times over. */
const MAX_MOMENTS = 60_000
const MAX_LEASE_MS = 6000

export interface SimulationOptions {
  /** What is switched off, to see that it is missed. */
  without?: ReadonlySet<Protection>
  trace?: ((line: string) => void) | undefined
}

/**
 * The orchestrator in virtual time: clients, logs, one or two owners a partition with the real fold, a store that forgets, agents; all that
 * can go wrong in between, by a seed; then everything heals, and what is left to do is done.
 */
export class Simulation {
  readonly #world: World
  readonly #around: Surroundings
  readonly #agents: SimulatedAgents
  readonly #owners: SimulatedOwner[] = []
  readonly #emissions: Emission[] = []
  readonly #snapshots: Snapshot[] = []
  #troubles: Troubles
  #ownerCount = 0
  #wishCount = 0
  #takeovers = 0

  constructor(world: World, { without = new Set(), trace }: SimulationOptions = {}) {
    this.#world = world
    this.#troubles = world.troubles
    const timeline = new Timeline(START_MS)
    const dice = new Dice(world.seed ^ 0x5eed)
    const troubles = () => this.#troubles
    this.#around = {
      ...{ timeline, dice, troubles, without },
      network: new Network(timeline, dice, () => this.#troubles.publish),
      broker: new SimulatedBroker(timeline, {
        partitions: PARTITIONS,
        knowsIds: !without.has('message-ids'),
      }),
      store: new SimulatedStore({ checksOffset: !without.has('offset-check') }),
      objects: new SimulatedObjects(),
      onEmission: (emission) => this.#emissions.push(emission),
      onTakeover: () => void this.#takeovers++,
      isWatching: () => timeline.nowMs < this.#healsAtMs + 2000,
      trace: trace && ((line) => trace(`${String(timeline.nowMs - START_MS).padStart(8)}  ${line}`)),
    }
    this.#agents = new SimulatedAgents(this.#around)
  }

  get #healsAtMs(): number {
    return START_MS + this.#world.healsAfterMs
  }

  /** Runs until nothing is left to happen. */
  async run(): Promise<History> {
    const { broker, timeline, trace } = this.#around
    broker.onLogged = (partition) => {
      for (const { seq, kind, body } of broker.after(partition, broker.lastSeq(partition) - 1, 1))
        trace?.(`log ${partition} #${seq} ${kind} ${JSON.stringify(brief(body))}`)
      for (const owner of this.#owners) if (owner.partition === partition) owner.read()
    }
    broker.onQueued = (message) => this.#agents.take(message)
    for (let partition = 0; partition < PARTITIONS; partition++) this.#takeOver(partition, 0)
    for (const submission of this.#world.submissions)
      timeline.at(START_MS + submission.atMs, () => this.#submit(submission))
    this.#planLosses()
    timeline.at(this.#healsAtMs, () => this.#heal())
    let moments = 0
    while (!timeline.isEmpty && ++moments < MAX_MOMENTS) await timeline.step()
    await this.#snapshot()
    return {
      world: this.#world,
      logs: broker.logs,
      steps: broker.steps,
      dead: broker.dead,
      emissions: this.#emissions,
      snapshots: this.#snapshots,
      lateTimers: this.#around.store.lateTimers,
      load: (value) => this.#around.objects.load(value),
      healedAtMs: this.#healsAtMs,
      takeovers: this.#takeovers - PARTITIONS,
      endedAtMs: timeline.nowMs,
      isEndless: moments >= MAX_MOMENTS,
    }
  }

  #takeOver(partition: number, afterMs: number): void {
    const { timeline, trace } = this.#around
    const owner = new SimulatedOwner(`owner-${this.#ownerCount++}`, {
      ...{ partition, around: this.#around },
      survives: (one, moment) => this.#survives(one, moment),
    })
    this.#owners.push(owner)
    timeline.in(afterMs, () => {
      trace?.(`${owner.name} takes over partition ${partition}`)
      return owner.open()
    })
  }

  /** The dice say whether an owner dies here, or loses its lease without noticing. */
  #survives(owner: SimulatedOwner, moment: 'commit' | 'emit'): boolean {
    const { dice, timeline, trace } = this.#around
    const { dies, replaced } = this.#troubles.owner
    if (this.#owners.findLast(({ partition }) => partition === owner.partition) !== owner) return true
    if (dice.happens(dies)) {
      trace?.(`${owner.name} dies before it can ${moment}`)
      owner.die()
      this.#takeOver(owner.partition, dice.between(100, MAX_LEASE_MS))
      return false
    }
    if (dice.happens(replaced)) {
      trace?.(`${owner.name} is replaced, and goes on`)
      this.#takeOver(owner.partition, 0)
      owner.retire()
      if (this.#world.troubles.owner.storeLosses > 0 && dice.happens(0.5)) this.#loseSoon(MAX_LEASE_MS)
      timeline.in(dice.between(0, 2 * MAX_LEASE_MS), () => owner.die())
    }
    return true
  }

  #planLosses(): void {
    for (let n = this.#troubles.owner.storeLosses; n > 0; n--) this.#loseSoon(this.#world.healsAfterMs)
  }

  /** Within so many milliseconds the store forgets its last commits, or everything; owners of all kinds go on beside it. */
  #loseSoon(spanMs: number): void {
    const { dice, timeline, store, trace } = this.#around
    timeline.in(dice.between(0, spanMs), async () => {
      if (timeline.nowMs >= this.#healsAtMs) return
      const count = dice.happens(0.3) ? store.commits : dice.between(1, 8)
      trace?.(`the store forgets ${count} of ${store.commits} commits`)
      await store.forgetLast(count)
    })
  }

  async #heal(): Promise<void> {
    const { trace } = this.#around
    trace?.('everything heals')
    await this.#snapshot()
    this.#troubles = healed(this.#troubles)
    this.#endStale()
  }

  /** Owners that are none any more end. */
  #endStale(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const owners = this.#owners.filter((owner) => owner.partition === partition)
      for (const owner of owners.slice(0, -1)) owner.die()
    }
  }

  #submit({ accepted, wishes }: Submission): void {
    const { taskId } = accepted
    this.#say({ kind: 'accepted', body: accepted }, MESSAGE_IDS.accepted(taskId))
    for (const wish of wishes) this.#around.timeline.in(wish.afterMs, () => this.#wish(wish, accepted))
  }

  async #wish(wish: Wish, accepted: Submission['accepted']): Promise<void> {
    const { taskId } = accepted
    const about = { v: 2 as const, taskId }
    const id = `${taskId}:wish-${this.#wishCount++}`
    const control = (body: TaskControl) => this.#say({ kind: 'control', body }, id)
    if (wish.what === 'submit') this.#say({ kind: 'accepted', body: accepted }, id)
    else if (wish.what === 'cancel') control({ v: 1, taskId, action: 'cancel' })
    else if (wish.what === 'signal')
      control({ ...about, action: 'signal', name: wish.name, id: wish.id, payload: id })
    else if (wish.what === 'answer') await this.#answerApproval(wish.approves, taskId, control)
    else control({ ...about, action: wish.what })
  }

  /** Somebody looks into the inbox, and answers what is asked there. */
  async #answerApproval(
    approves: boolean,
    taskId: string,
    control: (body: TaskControl) => void,
  ): Promise<void> {
    const open = await this.#around.store.openApprovals(partitionOf(taskId, PARTITIONS))
    const asked = open.find((one) => one.taskId === taskId)
    if (!asked) return
    const { stepId, attempt } = asked
    const decision = approves ? 'approved' : 'rejected'
    control({ v: 2, taskId, action: 'approval', stepId, attempt, decision, by: 'somebody' })
  }

  #say(event: Unplaced, msgId: string): void {
    const { network, broker } = this.#around
    const partition = partitionOf(event.body.taskId, PARTITIONS)
    network.sendUntilAnswered(() => broker.append(partition, event, msgId))
  }

  /** What the store has now, with everything that stands beside the states. */
  async #snapshot(): Promise<void> {
    const { store, broker } = this.#around
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const position = await store.position(partition)
      const log = broker.logs[partition]!
      const ids = [...new Set(log.map(({ body }) => body.taskId))]
      const found = (await store.readTasks(partition, ids)).filter((state) => state !== undefined)
      const states = new Map<string, TaskState>(found.map((state) => [state.id, state]))
      const items: Snapshot['items'] = new Map()
      for (const state of found)
        for (const [stepId, { items: list }] of Object.entries(state.steps)) {
          if (!list) continue
          const about = { taskId: state.id, stepId, from: 0, count: list.total }
          items.set(`${state.id} ${stepId}`, await store.readItems(partition, about))
        }
      const approvals = (await store.openApprovals(partition)).map(nameOf)
      this.#snapshots.push({ partition, offset: position?.offset ?? 0, states, items, approvals })
    }
  }
}

function nameOf({ taskId, stepId, attempt }: { taskId: string; stepId: string; attempt: number }): string {
  return `${taskId} ${stepId} ${attempt}`
}

/** Without plans and outputs, for the trace. */
function brief(body: object): object {
  const { taskId, stepId, attempt, outcome, action, dueMs } = body as Record<string, unknown>
  const { kind, error } = (outcome ?? {}) as { kind?: string; error?: { code: string } }
  const due = typeof dueMs === 'number' ? dueMs - START_MS : undefined
  return { taskId, stepId, attempt, action, due, outcome: kind, code: error?.code }
}
