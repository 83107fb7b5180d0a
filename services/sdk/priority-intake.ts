import type { Bus } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import type { PullEnd, Puller } from '#platform/nats/puller.ts'
import { STREAMS, stepConsumers } from '#subjects/streams.ts'

export interface PriorityIntakeDeps {
  agent: string
  bus: Bus
  /** Steps in hand at the same time, at most. */
  capacity: number
  /** Resolves when the step's slot is free again. Must not reject for reasons of the step. */
  onDelivery: (delivery: Delivery) => Promise<void>
}

interface Lane {
  puller: Puller
  /** Messages asked for and not here yet; these slots are spoken for. */
  asked: number
  pulling: boolean
  /** What the next pull asks for, slots permitting. */
  appetite: number
}

const PULL_EXPIRES_MS = 1000
const AFTER_LOSS_MS = 200
/** Every return counts as a delivery, and too many of those look like poison: after this many a message is kept. */
const MOST_RETURNS = 2

/**
 * Takes steps from the three queues of an agent type, never more than there are free slots.
 *
 * Each queue has one pull open, for one message at least. A pull that is filled doubles what the next one asks for, one
 * that expires starts again from one: a busy queue soon has all the slots and an idle one holds hardly any. Slots that
 * become free are offered to the most urgent queue first; the others keep their one, so none ever starves. With fewer
 * than three free slots two queues may deliver at once what fits only one: the surplus goes back at once, for whoever
 * has a slot. What has been sent back before is kept and has the next slot, so that it neither starves nor looks like
 * poison.
 */
export class PriorityIntake {
  readonly #deps: PriorityIntakeDeps
  readonly #lanes: Lane[]
  readonly #pulls = new Set<Promise<void>>()
  readonly #kept: Delivery[] = []
  #inHand = 0
  #stopped = false
  #paused = false

  constructor(deps: PriorityIntakeDeps) {
    this.#deps = deps
    this.#lanes = stepConsumers(deps.agent).map(({ name }) => {
      const lane: Lane = {
        puller: deps.bus.createPuller({ stream: STREAMS.steps.name, consumer: name }, (delivery) =>
          this.#receive(lane, delivery),
        ),
        asked: 0,
        pulling: false,
        appetite: 1,
      }
      return lane
    })
  }

  start(): void {
    this.#pullMore()
  }

  /** Asks for nothing until `resume`; what open pulls still bring goes on to whoever takes it. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    while (this.#kept.length > 0 && this.#hasAnySlot()) this.#begin(this.#kept.shift()!)
    this.#pullMore()
  }

  /** Asks for nothing more; pulls that are open are given up, what they still bring is returned. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const lane of this.#lanes) lane.puller.lose()
    for (const delivery of this.#kept.splice(0)) delivery.nak()
    await Promise.all(this.#pulls)
  }

  /** To be called within the ack wait: tells the broker that what is kept is not forgotten. */
  sayWorking(): void {
    for (const delivery of this.#kept) delivery.working()
  }

  #pullMore(): void {
    if (this.#stopped || this.#paused) return
    for (const [priority, lane] of this.#lanes.entries()) {
      if (lane.pulling) continue
      // Slots that less urgent queues need for their one message each.
      const reserved = this.#lanes.slice(priority + 1).filter((other) => !other.pulling).length
      const free = this.#deps.capacity - this.#inHand - this.#asked() - reserved
      const batch = Math.min(lane.appetite, Math.max(free, this.#hasAnySlot() ? 1 : 0))
      if (batch > 0) this.#open(lane, batch)
    }
  }

  #open(lane: Lane, batch: number): void {
    lane.pulling = true
    lane.asked = batch
    const pull = lane.puller.pull({ batch, expiresMs: PULL_EXPIRES_MS }).then(async (end) => {
      lane.asked = 0
      lane.appetite = nextAppetite(end, batch, this.#deps.capacity)
      if (end === 'lost' && !this.#stopped) await new Promise((resolve) => setTimeout(resolve, AFTER_LOSS_MS))
      lane.pulling = false
    })
    this.#pulls.add(pull)
    void pull.then(() => {
      this.#pulls.delete(pull)
      this.#pullMore()
    })
  }

  #receive(lane: Lane, delivery: Delivery): void {
    if (lane.asked > 0) lane.asked--
    if (!this.#stopped && this.#hasAnySlot()) this.#begin(delivery)
    else if (this.#stopped || delivery.deliveryCount <= MOST_RETURNS) delivery.nak()
    else this.#kept.push(delivery)
  }

  #begin(delivery: Delivery): void {
    this.#inHand++
    void this.#deps.onDelivery(delivery).finally(() => {
      this.#inHand--
      const kept = this.#paused ? undefined : this.#kept.shift()
      if (kept) this.#begin(kept)
      else this.#pullMore()
    })
  }

  #asked(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.asked, 0)
  }

  #hasAnySlot(): boolean {
    return this.#inHand < this.#deps.capacity
  }
}

function nextAppetite(end: PullEnd, batch: number, capacity: number): number {
  return end === 'filled' ? Math.min(batch * 2, capacity) : 1
}
