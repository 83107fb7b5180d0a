import { loadNatsSecurity } from '#platform/config/connections.ts'
import { Bus } from '#platform/nats/bus.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { targetOf } from '../session/session.ts'

/**
 * A connection to the NATS that is copied, or that a copy is brought back to.
 * @throws CliError USAGE for an edge, NO_STACK; MurmurError UNAVAILABLE
 */
export async function withNats<T>(context: CliContext, work: (bus: Bus) => Promise<T>): Promise<T> {
  const target = targetOf(context)
  if (!target) throw new CliError('NO_STACK', 'no stack runs here, and no NATS is named')
  if (!('natsUrl' in target))
    throw new CliError(
      'USAGE',
      'backups are copies of the streams of NATS, which an edge does not hand out',
      {
        fix: 'Name NATS for this command: --nats URL, as a user with the role "backup" (docs/operations.md).',
      },
    )
  const url = target.natsUrl
  const bus = await Bus.connect({ url, name: 'murmur backup', security: loadNatsSecurity(context.env) })
  try {
    return await work(bus)
  } finally {
    await bus.close()
  }
}
