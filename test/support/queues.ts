import type { Test } from 'tap'
import { QueueProvider } from '../../services/orchestrator/registry/queue-provider.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'

/** Answers those who ask for queues, where no orchestrator runs. */
export async function provideQueues(t: Pick<Test, 'teardown'>, bus: Bus): Promise<void> {
  const provider = new QueueProvider(bus)
  provider.start()
  t.teardown(() => provider.quiesce())
  await bus.flush()
}
