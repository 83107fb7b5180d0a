import { randomUUID } from 'node:crypto'
import type { Bus } from '#platform/nats/bus.ts'
import type { HorizonMark } from '#schemas/checkpoint.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

const { name: LOG } = STREAMS.log
const PUBLISH_TIMEOUT_MS = 5000

/**
 * Says in the log itself that what lies before may be gone. Releases that know nothing of horizons would take what is left for all there is,
 * and deny tasks that live for long: at a mark they stop, and leave the partition to later ones. So behind what was purged there always is one.
 */
export class HorizonMarks {
  readonly #bus: Pick<Bus, 'publisher' | 'streams'>

  constructor(bus: Pick<Bus, 'publisher' | 'streams'>) {
    this.#bus = bus
  }

  /**
   * The place of the last mark of a partition, behind `horizon`; one is written where there is none. In a log that is full it may lie before,
   * where there is one: no more may be purged than up to that.
   * @returns 0: there is none, and there is no room for one
   * @throws Error when nobody answers
   */
  async behind(partition: number, horizon: number): Promise<number> {
    const { publisher, streams } = this.#bus
    const subject = SUBJECTS.logHorizon(partition)
    const last = await streams.lastSeq(LOG, subject)
    if (last > horizon) return last
    const mark: HorizonMark = { v: 1, taskId: 'horizon', horizon }
    try {
      const { seq } = await publisher.publish(subject, JSON.stringify(mark), {
        ...{ msgId: randomUUID(), giveUpAfterMs: PUBLISH_TIMEOUT_MS, refuseWhenFull: true },
      })
      return seq
    } catch {
      return last
    }
  }
}
