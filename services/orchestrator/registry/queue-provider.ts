import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, Serving } from '#platform/nats/bus.ts'
import type { Consumers } from '#platform/nats/consumers.ts'
import type { Frames } from '#platform/nats/frame-feed.ts'
import type { ProvideQueueRequest } from '#schemas/agent.ts'
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

type QueueBus = Serving &
  Pick<Bus, 'brokerClock'> & { frames: Pick<Frames, 'provision'>; consumers: Pick<Consumers, 'provision'> }

async function provideQueue(bus: QueueBus, request: ProvideQueueRequest): Promise<void> {
  switch (request.queue) {
    case 'frames':
      return bus.frames.provision(request.model)
    case 'camera-events':
      return bus.consumers.provision(CAMERA_EVENTS_CONSUMER)
    case 'alert-sink':
      return bus.consumers.provision(alertSinkConsumer(request.sink))
  }
}
