import type { Command } from 'commander'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { drainReasonSchema } from '#schemas/agent-drain.ts'
import { agentTypeSchema, instanceIdSchema } from '#schemas/identifiers.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { unlessInterrupted } from '../interruption.ts'
import { count } from '../output/quantities.ts'
import { waitingFor } from '../output/waiting.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, durationOption } from './arguments.ts'

interface DrainOptions {
  agent?: string
  reason?: string
  wait?: number
}

const POLL_INTERVAL_MS = 500

/** `murmur agents drain|undrain`: one instance takes no new steps, and finishes what it has. */
export function addInstanceDrains(agents: Command, run: Run): void {
  const name = checkedBy(instanceIdSchema)
  const type = checkedBy(agentTypeSchema)
  agents
    .command('drain')
    .description('drain one instance: it takes no new steps, and finishes what it has')
    .argument('<instance>', 'as `murmur agents` names it', name)
    .option('--agent <type>', 'its type, where several have an instance of this name', type)
    .option('--reason <text>', 'for those who look at it later', checkedBy(drainReasonSchema))
    .option('--wait <time>', 'until nothing runs there, so long at most: 90s, 15m', durationOption)
    .action((instance: string, options: DrainOptions) =>
      run((context) => withClient(context, (client) => drain(context, client, instance, options))),
    )
  agents
    .command('undrain')
    .description('let an instance that is drained take steps again')
    .argument('<instance>', 'as `murmur agents` names it', name)
    .option('--agent <type>', 'its type, where several have an instance of this name', type)
    .action((instance: string, options: DrainOptions) =>
      run((context) => withClient(context, (client) => undrain(context, client, instance, options))),
    )
}

async function drain(
  context: CliContext,
  client: MurmurClient,
  instance: string,
  { agent: given, reason, wait }: DrainOptions,
) {
  const { terminal, json, signal } = context
  const agent = await typeOf(client, instance, given)
  const request = { agent, instance, drain: true, ...(reason !== undefined && { reason }) }
  const set = await client.dispatch.setDrain(request)
  if (wait !== undefined)
    await unlessInterrupted(
      waitingFor(
        `waiting until ${instance} has nothing in work`,
        untilDrained(context, client, set, wait),
        context,
      ),
      signal,
    )
  if (json) terminal.printJson(set)
  else if (wait === undefined)
    terminal.log(
      `${instance} of ${agent} takes no new steps and finishes what it has: \`murmur agents\` shows when it is drained.`,
    )
  else terminal.log(`${instance} of ${agent} is drained: it can be stopped.`)
  return EXIT.ok
}

async function undrain(
  { terminal, json }: CliContext,
  client: MurmurClient,
  instance: string,
  { agent: given }: DrainOptions,
) {
  const agent = await typeOf(client, instance, given)
  const set = await client.dispatch.setDrain({ agent, instance, drain: false })
  if (json) terminal.printJson(set)
  else terminal.log(`${instance} of ${agent} takes steps again.`)
  return EXIT.ok
}

/** The type of an instance by its name. @throws MurmurError INSTANCE_NOT_FOUND; CliError USAGE where several have it */
async function typeOf(
  { registry }: Pick<MurmurClient, 'registry'>,
  instance: string,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return given
  const { agents, drains = [] } = await registry()
  const named = [
    ...agents.filter((one) => one.instance === instance).map(({ type }) => type),
    ...drains.filter((one) => one.instance === instance).map(({ agent }) => agent),
  ]
  const [type, ...others] = new Set(named)
  if (type === undefined) throw new MurmurError('INSTANCE_NOT_FOUND', `no instance "${instance}" is heard of`)
  if (others.length === 0) return type
  throw new CliError('USAGE', `${count(named.length, 'type')} have an instance "${instance}"`, {
    fix: `Say which with --agent: ${[type, ...others].join(', ')}.`,
  })
}

/** Resolves when nothing runs there any more, or when it is gone. @throws CliError STILL_RUNNING */
async function untilDrained(
  { clock, signal }: Pick<CliContext, 'clock' | 'signal'>,
  { registry }: Pick<MurmurClient, 'registry'>,
  { agent, instance }: { agent: string; instance: string },
  waitMs: number,
): Promise<void> {
  const untilMs = clock.monotonicMs() + waitMs
  while (!signal.aborted) {
    const { agents } = await registry()
    const found = agents.find((one) => one.type === agent && one.instance === instance)
    if (!found || found.status === 'drained') return
    if (clock.monotonicMs() > untilMs)
      throw new CliError(
        'STILL_RUNNING',
        `${instance} of ${agent} still runs ${count(found.inFlight, 'step')}`,
        {
          fix: `It is drained all the same: wait longer, or let it take steps again (npx murmur agents undrain ${instance}).`,
        },
      )
    await clock.sleep(POLL_INTERVAL_MS, signal)
  }
}
