import type { Clock } from '#platform/clock/clock.ts'
import type { ServiceContext } from '#platform/lifecycle/run-service.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { ParkedCount } from '../partition/parked-steps.ts'
import { AgentPolicies } from './agent-policies.ts'
import { DispatchFeed } from './dispatch-feed.ts'
import { Dispatcher } from './dispatcher.ts'
import { InstanceDrains } from './instance-drains.ts'
import { TaskTypePauses } from './task-type-pauses.ts'

interface Base extends Pick<ServiceContext, 'lifecycle' | 'metrics' | 'log'> {
  bus: Bus
  /** The broker's. */
  clock: Clock
}

/** What decides when and to whom steps go, with what it hears and tells. */
export function createDispatcher(
  { bus, lifecycle, metrics, log, clock }: Base,
  about: { parked: ParkedCount; orchestrators: () => number },
): { dispatcher: Dispatcher; drains: InstanceDrains } {
  const drains = new InstanceDrains({ bus, clock, dispatcher: () => dispatcher, log })
  const onHeartbeat = drains.heard.bind(drains)
  const feed = new DispatchFeed({ bus, dispatcher: () => dispatcher, onHeartbeat, metrics, log })
  const policies = new AgentPolicies({ bus, clock, dispatcher: () => dispatcher })
  const dispatcher = new Dispatcher({
    clock,
    brokerNowMs: clock.nowMs,
    policyOf: (agent) => policies.of(agent),
    orchestrators: about.orchestrators,
    onTransition: (transition) => feed.onTransition(transition),
    count: about.parked,
  })
  lifecycle.add(policies)
  lifecycle.add(new TaskTypePauses({ bus, clock, dispatcher: () => dispatcher }))
  lifecycle.add(drains)
  lifecycle.add(feed)
  return { dispatcher, drains }
}
