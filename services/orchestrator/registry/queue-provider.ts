import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { ProvideQueueRequest } from '#schemas/provide-queue.ts'
import { alertSinkConsumer, CAMERA_EVENTS_CONSUMER } from '#subjects/streams.ts'

/** Makes the queues that others need and may not make: a user that may make one may read and forge anything through it. */
export class QueueProvider implements Component {
  readonly name = 'queue provider'
  readonly #bus: QueueBus
  #end: () => void = () => {}

  constructor(bus: QueueBus) {
    this.#bus = bus
  }

  start(): void {
    this.#end = this.#bus.serve('provideQueue', (request) => this.#provide(request))
  }

  quiesce(): void {
    this.#end()
  }

  async #provide(request: ProvideQueueRequest): Promise<{ ok: true; brokerNowMs: number }> {
    await provideQueue(this.#bus, request)
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
