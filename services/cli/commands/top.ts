import type { Command } from 'commander'
import type { Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { renderOffers } from '../models/render-offers.ts'
import { monitorDurationOption } from '../monitor/parse-shapes.ts'
import { withClient } from '../session/session.ts'
import { renderIntegrity } from '../system/render-integrity.ts'
import { partitionsLine } from '../system/render-partitions.ts'
import { renderStatus } from '../system/render-status.ts'
import { usageLine } from '../system/render-usage.ts'
import { runTop } from '../system/run-top.ts'

const INTERVAL_MS = 1000
/** Lines that nobody draws over again come less often. */
const PLAIN_INTERVAL_MS = 5000

/** `murmur top` and `murmur status`: the whole system, live and once. */
export function addTop(program: Command, run: Run): void {
  program
    .command('top')
    .description('the whole system, live: service levels, queues, agents, running tasks')
    .option(
      '--every <duration>',
      'how often it is asked for (default: 1s on a terminal, else 5s)',
      monitorDurationOption,
    )
    .action(({ every }: { every?: number }) =>
      run(async (context) => {
        const intervalMs = every ?? (context.terminal.isLive ? INTERVAL_MS : PLAIN_INTERVAL_MS)
        await withClient(context, (client) => runTop(context, client, intervalMs))
        return EXIT.ok
      }),
    )
  program
    .command('status')
    .description('the whole system as it is now: service levels, queues, agents')
    .action(() =>
      run(async (context) => {
        const { json, terminal } = context
        const [status, usage, partitions, integrity, models = []] = await withClient(context, (client) =>
          // Of one's own tenant: a credential for the whole system need not be good for that.
          Promise.all([
            client.status(),
            client.objects.usage().catch(() => undefined),
            client.partitions.get().catch(() => undefined),
            client.dispatch.integrity().catch(() => undefined),
            client.video.models(),
          ]),
        )
        if (json)
          terminal.printJson({
            ...status,
            ...(usage && { usage }),
            ...(partitions && { partitions }),
            ...(integrity && { integrity }),
            ...(models.length > 0 && { models }),
          })
        else {
          const { outPaint: paint, columns: width } = terminal
          terminal.print(...renderStatus(status, { paint, ...(width !== undefined && { width }) }))
          const growth = partitions && partitionsLine(partitions, paint)
          if (models.length > 0) terminal.print('', ...renderOffers(models, paint))
          if (growth) terminal.print('', growth)
          if (integrity) terminal.print('', ...renderIntegrity(integrity, paint))
          if (usage) terminal.print('', usageLine(usage, paint))
        }
        return EXIT.ok
      }),
    )
}
