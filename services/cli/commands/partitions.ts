import type { Command } from 'commander'
import { LIMITS } from '#schemas/limits.ts'
import type { PartitionsView } from '#schemas/partition-epochs.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { withClient } from '../session/session.ts'
import { renderPartitions } from '../system/render-partitions.ts'
import { integerOption } from './arguments.ts'

interface GrowOptions {
  to: number
  dryRun?: true
}

/** `murmur partitions` and `murmur partitions grow`: over how many partitions of the log tasks are spread. */
export function addPartitions(program: Command, run: Run): void {
  const partitions = program
    .command('partitions')
    .description('partitions of the log: where new tasks go, and which end')
    .action(() =>
      run(async (context) => show(context, await withClient(context, ({ partitions: p }) => p.get()))),
    )
  partitions
    .command('grow')
    .description('spread new tasks over more partitions; tasks that there are end where they are')
    .requiredOption(
      '--to <n>',
      'how many partitions new tasks are to be spread over',
      integerOption(1, LIMITS.partitions),
    )
    .option('--dry-run', 'say what would be; change nothing')
    .action(({ to, dryRun }: GrowOptions) =>
      run(async (context) => {
        const request = { to, ...(dryRun && { dryRun }) }
        return show(context, await withClient(context, ({ partitions: p }) => p.grow(request)))
      }),
    )
}

function show({ terminal, json, clock }: CliContext, view: PartitionsView) {
  const { outPaint: paint, columns: width } = terminal
  if (json) terminal.printJson(view)
  else terminal.print(...renderPartitions(view, { paint, width, nowMs: clock.nowMs() }))
  return EXIT.ok
}
