import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import { type ProvideQueueRequest, provideQueueRequestSchema } from '#schemas/provide-queue.ts'
import { alertSinkConsumer, CAMERA_EVENTS_CONSUMER } from '#subjects/streams.ts'
import { SERVICES } from '#subjects/subjects.ts'

const QUEUE = 'orchestrators'
const MAX_BODY_BYTES = 1024

/** Makes the queues that others need and may not make: whoever could make one could read and forge anything through it. */
export class QueueProvider implements Component {
  readonly name = 'queue provider'
  readonly #bus: QueueBus
  #end: () => void = () => {}

  constructor(bus: QueueBus) {
    this.#bus = bus
  }

  start(): void {
    this.#end = this.#bus.serve(SERVICES.provideQueue, (message) => this.#provide(message), { queue: QUEUE })
  }

  quiesce(): void {
    this.#end()
  }

  async #provide(message: BusMessage): Promise<{ ok: true; brokerNowMs: number }> {
    const parsed = provideQueueRequestSchema.safeParse(
      parseBoundedJson(message.data, { maxBytes: MAX_BODY_BYTES }),
    )
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new MurmurError(
        'INVALID_REQUEST',
        `the request is not valid: ${issue?.path.join('.')} ${issue?.message}`,
      )
    }
    await provideQueue(this.#bus, parsed.data)
    return { ok: true, brokerNowMs: this.#bus.brokerClock.nowMs() }
  }
}

type QueueBus = Pick<Bus, 'serve' | 'brokerClock' | 'provisionFrames' | 'provisionConsumer'>

async function provideQueue(bus: QueueBus, request: ProvideQueueRequest): Promise<void> {
  switch (request.queue) {
    case 'frames':
      return bus.provisionFrames()
    case 'camera-events':
      return bus.provisionConsumer(CAMERA_EVENTS_CONSUMER)
    case 'alert-sink':
      return bus.provisionConsumer(alertSinkConsumer(request.sink))
  }
}
