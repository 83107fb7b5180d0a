import { systemClock } from '#platform/clock/clock.ts'
import type { Pulling } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import { AFTER_LOSS_MS } from '#platform/nats/pull-loop.ts'
import type { PullEnd, Puller } from '#platform/nats/puller.ts'
import { ownQueueConsumer, STREAMS, stepConsumers } from '#subjects/streams.ts'

export interface PriorityIntakeDeps {
  agent: string
  bus: Pulling
  /** Steps in hand at the same time, at most. */
  capacity: number
  /** Resolves when the step's slot is free again. Must not reject for reasons of the step. */
  onDelivery: (delivery: Delivery) => Promise<void>
}

/** `look`: takes what is there now. `wait`: the lane was empty, and says when something comes. `rest`: its server is away. */
type OpenPull = { kind: 'look' | 'wait' | 'rest'; left: number }

/** The queue of one priority. */
interface Lane {
  readonly priority: number
  readonly puller: Puller
  pull: OpenPull | undefined
  /** When it was last known to be empty. Monotonic milliseconds. */
  emptyAtMs: number
  /** What the next wait asks for, slots permitting. */
  appetite: number
  /** Taken though no slot was free: two waits that were answered at once. */
  readonly held: Map<Delivery, NodeJS.Timeout>
}

const WAIT_EXPIRES_MS = 1000
/** What is held for longer goes back, for whoever has a slot. Milliseconds. */
const MAX_HELD_MS = 50
/** Slots that are all taken for so long stay so for a while: what waits is given up then. Milliseconds. */
const FULL_MS = 20
/** What was empty a moment ago is taken to be so still: waiting costs one request, where looking first costs two. Milliseconds. */
const FRESH_MS = 20

/**
 * Takes steps from the queues of an agent type, one a priority, never more than there are free slots, and the most urgent first.
 *
 *   unknown ──look──► filled: has more ──► look again, when a slot is free
 *                └──► empty ──► wait ──► something came, or a second has passed ──► unknown
 *
 * Slots that become free are offered to the lanes in order. A lane that waits is known to be empty and is passed over; another is
 * looked at, for all the free slots, and only when it turns out to be empty it is the next one's turn. So a busy lane costs one
 * request for as many steps as there are slots, and an idle agent one a second and lane. Less urgent lanes have their share
 * all the same (LaneShares). Waits are open beyond the free slots, one a lane: when two are answered at once, what has no
 * slot is held for a moment, and goes back when none becomes free. When all slots stay taken the waits are given up, so that what
 * comes goes to whoever has a slot: a step that was given back counts as one that came again, and is run with care.
 *
 * It is no PullLoop: several queues share the slots, and which of them is asked next follows from how the others' pulls ended.
 */
export class PriorityIntake {
  readonly #deps: PriorityIntakeDeps
  readonly #lanes: Lane[]
  readonly #shares: LaneShares
  /** Its lane comes last: what is sent to this instance was counted against its slots already. */
  #own: { queue: number; lane: Lane } | undefined
  readonly #pulls = new Set<Promise<void>>()
  #inHand = 0
  #isFillDue = false
  #full: NodeJS.Timeout | undefined
  #started = false
  #paused = false
  #cordoned = false
  #stopped = false

  constructor(deps: PriorityIntakeDeps) {
    this.#deps = deps
    const consumers = stepConsumers(deps.agent)
    this.#shares = new LaneShares(consumers.length + 1)
    this.#lanes = consumers.map(({ name }, priority) => this.#createLane(name, priority))
  }

  /** Takes from the queue of this number too, and from no other of one instance; undefined: from none. */
  takeFromOwn(queue: number | undefined): void {
    const before = this.#own
    if (before?.queue === queue) return
    if (before) {
      this.#lanes.splice(this.#lanes.indexOf(before.lane), 1)
      before.lane.puller.cancel()
    }
    this.#own = undefined
    if (queue === undefined) return
    const lane = this.#createLane(ownQueueConsumer(this.#deps.agent, queue).name, this.#lanes.length)
    this.#own = { queue, lane }
    this.#lanes.push(lane)
    if (this.#started) this.#fill()
  }

  #createLane(consumer: string, priority: number): Lane {
    const onMessage = (delivery: Delivery) => this.#receive(lane, delivery)
    const lane: Lane = {
      priority,
      puller: this.#deps.bus.consumers.createPuller({ stream: STREAMS.steps.name, consumer }, onMessage),
      pull: undefined,
      emptyAtMs: Number.NEGATIVE_INFINITY,
      appetite: 1,
      held: new Map(),
    }
    return lane
  }

  start(): void {
    this.#started = true
    this.#fill()
  }

  /** Takes nothing new until `resume`; what still comes of open pulls goes back at once. */
  pause(): void {
    this.#paused = true
    this.#returnHeld()
  }

  resume(): void {
    this.#paused = false
    this.#fill()
  }

  /** Asks for nothing more until it is lifted. What open pulls still bring is taken: nothing comes back as if it had failed here. */
  cordon(isCordoned: boolean): void {
    this.#cordoned = isCordoned
    if (isCordoned) for (const lane of this.#lanes) lane.puller.cancel()
    else if (this.#started) this.#fill()
  }

  /** Asks for nothing more; pulls that are open are given up, what they still bring is returned. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#full)
    for (const lane of this.#lanes) lane.puller.abandon()
    this.#returnHeld()
    await Promise.all(this.#pulls)
  }

  /** Offers the free slots: first what less urgent lanes are owed, then to all in order. */
  #fill(): void {
    if (this.#stopped || this.#paused || this.#cordoned) return
    for (const lane of this.#lanes) {
      const owed = Math.min(this.#shares.owed(lane.priority), this.#free())
      if (owed > 0) this.#offer(lane, owed)
    }
    for (const lane of this.#lanes) {
      const free = this.#free()
      if (free <= 0) return
      this.#offer(lane, free)
      // What it has is not known yet: nobody behind it may be served.
      if (lane.pull?.kind === 'look') return
    }
  }

  #offer(lane: Lane, slots: number): void {
    let left = slots
    for (const delivery of [...lane.held.keys()].slice(0, left)) {
      this.#unhold(lane, delivery)
      this.#begin(lane, delivery)
      left--
    }
    if (left <= 0 || lane.pull) return
    if (systemClock.monotonicMs() - lane.emptyAtMs > FRESH_MS) this.#open(lane, 'look', left)
    else this.#open(lane, 'wait', Math.min(lane.appetite, 1 + Math.floor(left / 4)))
  }

  #open(lane: Lane, kind: 'look' | 'wait', batch: number): void {
    lane.pull = { kind, left: batch }
    const options = kind === 'look' ? { batch } : { batch, expiresMs: WAIT_EXPIRES_MS }
    const pull = lane.puller.pull(options).then((end) => this.#ended(lane, kind, end))
    this.#pulls.add(pull)
    void pull.then(() => {
      this.#pulls.delete(pull)
      this.#fill()
    })
  }

  async #ended(lane: Lane, kind: 'look' | 'wait', end: PullEnd): Promise<void> {
    if (kind === 'wait')
      lane.appetite = end === 'filled' ? Math.min(lane.appetite * 2, this.#deps.capacity) : 1
    if (end === 'cancelled') lane.emptyAtMs = Number.NEGATIVE_INFINITY
    else if (end === 'expired') {
      lane.emptyAtMs = systemClock.monotonicMs()
      this.#shares.forget(lane.priority)
    } else if (end === 'lost' && !this.#stopped) {
      lane.pull = { kind: 'rest', left: 0 }
      await systemClock.sleep(AFTER_LOSS_MS)
    }
    lane.pull = undefined
  }

  #receive(lane: Lane, delivery: Delivery): void {
    const { pull } = lane
    if (pull && pull.left > 0) pull.left--
    lane.emptyAtMs = delivery.waiting === 0 ? systemClock.monotonicMs() : Number.NEGATIVE_INFINITY
    if (this.#stopped || this.#paused) {
      delivery.nak()
      return
    }
    const isSpokenFor = pull?.kind === 'look' && this.#inHand < this.#deps.capacity
    if (pull?.kind === 'wait') this.#shares.forget(lane.priority)
    if (isSpokenFor || this.#free() > 0) this.#begin(lane, delivery)
    else this.#hold(lane, delivery)
  }

  #begin(lane: Lane, delivery: Delivery): void {
    this.#inHand++
    this.#shares.granted(lane.priority)
    if (this.#inHand >= this.#deps.capacity)
      this.#full ??= setTimeout(() => {
        this.#full = undefined
        this.#giveUpWaits()
      }, FULL_MS)
    void this.#deps.onDelivery(delivery).finally(() => {
      this.#inHand--
      this.#fillSoon()
    })
  }

  #giveUpWaits(): void {
    if (this.#inHand < this.#deps.capacity) return
    for (const lane of this.#lanes) if (lane.pull?.kind === 'wait') lane.puller.cancel()
  }

  /** Steps often end together: their slots are filled with one request. */
  #fillSoon(): void {
    if (this.#isFillDue) return
    this.#isFillDue = true
    queueMicrotask(() => {
      this.#isFillDue = false
      this.#fill()
    })
  }

  #hold(lane: Lane, delivery: Delivery): void {
    const timer = setTimeout(() => this.#giveBack(lane, delivery), MAX_HELD_MS)
    lane.held.set(delivery, timer)
  }

  #unhold(lane: Lane, delivery: Delivery): void {
    clearTimeout(lane.held.get(delivery))
    lane.held.delete(delivery)
  }

  #giveBack(lane: Lane, delivery: Delivery): void {
    this.#unhold(lane, delivery)
    lane.emptyAtMs = Number.NEGATIVE_INFINITY
    delivery.nak()
  }

  #returnHeld(): void {
    for (const lane of this.#lanes)
      for (const delivery of [...lane.held.keys()]) this.#giveBack(lane, delivery)
  }

  /** Slots that nothing is in and nothing is asked for; the first message of a wait may come or not, and has none. */
  #free(): number {
    let free = this.#deps.capacity - this.#inHand
    for (const { pull } of this.#lanes) {
      if (pull?.kind === 'look') free -= pull.left
      else if (pull?.kind === 'wait') free -= Math.max(0, pull.left - 1)
    }
    return free
  }
}

/** Of so many slots that lanes with work are given, each less urgent one has one. */
const SLOTS_A_SHARE = 18

/**
 * What less urgent lanes are owed, so that none starves: lane 0 is always first, and each other one has its turn after so many
 * slots that went to others while it may have had work.
 */
export class LaneShares {
  readonly #waited: number[]

  constructor(lanes: number) {
    this.#waited = Array.from({ length: lanes }, () => 0)
  }

  /** A slot went to this lane. */
  granted(lane: number): void {
    for (let other = 1; other < this.#waited.length; other++) this.#waited[other]! += 1
    this.#waited[lane] = lane === 0 ? 0 : Math.max(0, this.#waited[lane]! - SLOTS_A_SHARE)
  }

  /** Slots that are this lane's before more urgent ones have any. */
  owed(lane: number): number {
    return Math.floor(this.#waited[lane]! / (SLOTS_A_SHARE - 1))
  }

  /** This lane has nothing to do: it is owed nothing. */
  forget(lane: number): void {
    this.#waited[lane] = 0
  }
}
