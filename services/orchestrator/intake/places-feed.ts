import type { Clock } from '#platform/clock/clock.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { BusMessage, CorePublishing, Subscribing } from '#platform/nats/bus.ts'
import { type PlaceChanges, placeChangesSchema } from '#schemas/place-changes.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { PlaceChange, Places } from './places.ts'
import { Poller } from './poller.ts'

export interface PlacesFeedDeps {
  bus: Subscribing & CorePublishing
  places: Pick<Places, 'changes' | 'hear'>
  instance: string
  clock: Clock
}

/** Whoever comes back may come to another orchestrator: they have to know of each other's places before that. */
const TELL_INTERVAL_MS = 100
const CHANGES_A_MESSAGE = 100
/** Of a message: a hundred changes with all the lines that there may be are fewer. */
const MAX_BYTES = 1024 * 1024

/** Orchestrators tell each other which places they have given. What is lost costs a place, or keeps one for somebody who has come. */
export class PlacesFeed extends Poller {
  readonly name = 'places feed'
  readonly #deps: PlacesFeedDeps
  #end: () => void = () => {}

  constructor(deps: PlacesFeedDeps) {
    super(deps.clock, TELL_INTERVAL_MS)
    this.#deps = deps
  }

  override async start(): Promise<void> {
    this.#end = this.#deps.bus.subscribe(SUBJECTS.places, (message) => this.#hear(message))
    await super.start()
  }

  override async stop(): Promise<void> {
    this.#end()
    await super.stop()
  }

  protected async poll(): Promise<void> {
    const { bus, places, instance } = this.#deps
    const changes = places.changes().map(toWire)
    for (let at = 0; at < changes.length; at += CHANGES_A_MESSAGE) {
      const message: PlaceChanges = {
        ...{ v: 1, from: instance },
        changes: changes.slice(at, at + CHANGES_A_MESSAGE),
      }
      bus.publishCore(SUBJECTS.places, JSON.stringify(message))
    }
  }

  #hear({ data }: BusMessage): void {
    if (data.length > MAX_BYTES) return
    const message = readMessage(data, placeChangesSchema)
    if (!message || message.from === this.#deps.instance) return
    const nowMs = this.#deps.clock.monotonicMs()
    for (const change of message.changes) this.#deps.places.hear(fromWire(change), nowMs)
  }
}

function toWire({ tenant, key, refused }: PlaceChange): PlaceChanges['changes'][number] {
  if (!refused) return { tenant, key }
  const needs = [...refused.needs].map(([line, need]) => ({ line, ...need }))
  return { tenant, key, refused: { ...refused, needs } }
}

function fromWire({ tenant, key, refused }: PlaceChanges['changes'][number]): PlaceChange {
  if (!refused) return { tenant, key }
  const needs = new Map(refused.needs.map(({ line, ...need }) => [line, need]))
  return { tenant, key, refused: { ...refused, needs } }
}
