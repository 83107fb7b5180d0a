import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Subscribing } from '#platform/nats/bus.ts'
import { cordonOrderSchema } from '#schemas/agent-drain.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { AgentRunner } from './agent-runner.ts'

export interface CordonOrdersDeps {
  agent: string
  instance: string
  bus: Subscribing
  runner: Pick<AgentRunner, 'cordon'>
}

const MAX_ORDER_BYTES = 1024

/**
 * Hears whether the instance may take new steps, as an operator has it. What is lost on the way is told again when a heartbeat shows it.
 */
export class CordonOrders implements Component {
  readonly name: string
  readonly #deps: CordonOrdersDeps
  #end = () => {}

  constructor(deps: CordonOrdersDeps) {
    this.#deps = deps
    this.name = `orders to ${deps.agent}`
  }

  start(): void {
    const { agent, instance, bus, runner } = this.#deps
    this.#end = bus.subscribe(SUBJECTS.cordon(agent, instance), ({ data }) => {
      const order = data.length > MAX_ORDER_BYTES ? undefined : readMessage(data, cordonOrderSchema)
      if (order) runner.cordon(order.cordoned)
    })
  }

  quiesce(): void {
    this.#end()
  }
}
