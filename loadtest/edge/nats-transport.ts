import { Bus } from '../../services/platform/nats/bus.ts'
import { SERVICES } from '../../subjects/operations.ts'
import type { Transport } from './measure-transport.ts'

/** The service on NATS, over one connection. */
export async function natsTransport(url: string): Promise<Transport> {
  const bus = await Bus.connect({ url, name: 'bench' })
  return {
    name: 'nats',
    async submit(submission) {
      const receipt = await bus.request(SERVICES.submitTask, submission, { timeoutMs: 20_000 })
      return (receipt as { taskId: string }).taskId
    },
    close: () => bus.close(),
  }
}
