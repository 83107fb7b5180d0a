import { randomUUID } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Publishing } from '#platform/nats/bus.ts'
import { WrongLastSequence } from '#platform/nats/publisher.ts'
import type { Streams } from '#platform/nats/streams.ts'
import {
  type FalsePositive,
  type FalsePositives,
  falsePositivesSchema,
  MAX_FALSE_POSITIVES,
} from '#schemas/false-positive.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface FalsePositiveStoreDeps {
  bus: Publishing & { streams: Pick<Streams, 'lastMessage' | 'nextMessage'> }
}

/** All of one camera, and where that stands in the stream: 0 when there is none. */
interface OfCamera {
  falsePositives: FalsePositive[]
  seq: number
}

const STREAM = STREAMS.policies.name
/** Others who change the same camera at the same time. */
const MAX_TRIES = 8
const GIVE_UP_AFTER_MS = 5000

/**
 * What cameras take for something that it is not: one message a camera, its last state, in a stream. So it outlives monitors and Redis, and
 * trackers hear of a change at once. All methods throw MurmurError UNAVAILABLE when the stream can't be reached.
 */
export class FalsePositiveStore {
  readonly #bus: FalsePositiveStoreDeps['bus']

  constructor({ bus }: FalsePositiveStoreDeps) {
    this.#bus = bus
  }

  async ofCamera(tenant: string, camera: string): Promise<FalsePositive[]> {
    return (await this.#read(SUBJECTS.falsePositives(tenant, camera))).falsePositives
  }

  /** Of all cameras of a tenant. */
  async ofTenant(tenant: string): Promise<FalsePositive[]> {
    const all: FalsePositive[] = []
    for (let seq = 1; ; ) {
      const next = await this.#bus.streams.nextMessage(STREAM, SUBJECTS.falsePositivesOfTenant(tenant), seq)
      if (!next) return all
      all.push(...parsed(next.data))
      seq = next.seq + 1
    }
  }

  /** Unless it is there. @throws MurmurError LIMIT_EXCEEDED */
  async add(tenant: string, one: FalsePositive): Promise<FalsePositive> {
    await this.#change(tenant, one.camera, (before) => {
      if (before.some(({ id }) => id === one.id)) return before
      if (before.length >= MAX_FALSE_POSITIVES)
        throw new MurmurError(
          'LIMIT_EXCEEDED',
          `${one.camera} has ${MAX_FALSE_POSITIVES} false positives already: remove some, or draw an ignore mask`,
        )
      return [...before, one]
    })
    return one
  }

  async remove(tenant: string, { id, camera }: FalsePositive): Promise<void> {
    await this.#change(tenant, camera, (before) => before.filter((one) => one.id !== id))
  }

  /** Each change names the one before it: of two at the same time one is refused, and looks again. */
  async #change(
    tenant: string,
    camera: string,
    change: (before: FalsePositive[]) => FalsePositive[],
  ): Promise<void> {
    const subject = SUBJECTS.falsePositives(tenant, camera)
    for (let tries = 1; ; tries++) {
      const { falsePositives: before, seq } = await this.#read(subject)
      const after = change(before)
      if (after === before) return
      const message: FalsePositives = { v: 1, tenant, camera, falsePositives: after }
      try {
        await this.#bus.publisher.publish(subject, JSON.stringify(message), {
          msgId: randomUUID(),
          expectedLastSeq: seq,
          giveUpAfterMs: GIVE_UP_AFTER_MS,
        })
        return
      } catch (error) {
        if (!(error instanceof WrongLastSequence) || tries === MAX_TRIES) throw error
      }
    }
  }

  async #read(subject: string): Promise<OfCamera> {
    const last = await this.#bus.streams.lastMessage(STREAM, subject)
    return { falsePositives: last ? parsed(last.data) : [], seq: last?.seq ?? 0 }
  }
}

/** What can't be read is not believed. */
function parsed(data: Uint8Array): FalsePositive[] {
  return readMessage(data, falsePositivesSchema)?.falsePositives ?? []
}
