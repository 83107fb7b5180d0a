import { messageOf } from '#platform/errors/murmur-error.ts'
import { SetupError } from '../../../deploy/local/setup-error.ts'
import { findRunningStack } from '../../../deploy/local/stack/stack-note.ts'
import type { LocalStack } from '../../../deploy/local/stack.ts'
import { namedNatsUrl } from '../../../deploy/local/user-environment.ts'
import type { CliContext } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { loadEdgeTarget } from '../client/edge-target.ts'
import type { MurmurClient } from '../client/murmur-client.ts'
import { type ClientTarget, connectClient } from '../client/murmur-client.ts'
import { throwIfInterrupted, unlessInterrupted } from '../interruption.ts'
import { loginCredential } from '../login/login-credential.ts'
import { formatDuration } from '../output/quantities.ts'
import { waitingFor } from '../output/waiting.ts'

/** Fetching the servers may be part of another start. */
const OTHER_START_MS = 60_000
const POLL_INTERVAL_MS = 200

/** A connection, and the stack behind it where this command started one. */
export interface Session {
  readonly client: MurmurClient
  readonly stack: LocalStack | undefined
  close(): Promise<void>
}

/**
 * Where commands go: --edge or --nats, MURMUR_EDGE_URL, MURMUR_NATS_URL, the stack that runs on this machine, in this order.
 * @throws MurmurError CONFIG_INVALID; CliError USAGE
 */
export function targetOf({
  edgeUrl,
  natsUrl,
  home,
  tenant,
  env,
  clock,
}: CliContext): ClientTarget | undefined {
  if (natsUrl !== undefined) return { natsUrl, tenant }
  const edge = loadEdgeTarget(edgeUrl, env)
  if (edge && tenant !== undefined)
    throw new CliError('USAGE', `commands go to ${edge.url}, where the tenant is that of the credential`, {
      fix: 'Use a key of that tenant, or name NATS for this command: --nats URL.',
    })
  if (edge)
    return { edge: { ...edge, credential: edge.credential ?? loginCredential(home, edge.url, clock) } }
  const named = namedNatsUrl(env)
  if (named !== undefined) return { natsUrl: named, tenant }
  const running = findRunningStack(home)
  return running && { natsUrl: running.natsUrl, tenant }
}

/** A session on what is up already; undefined when nothing is. @throws MurmurError UNAVAILABLE, CONFIG_INVALID */
export async function openTarget(context: CliContext): Promise<Session | undefined> {
  const target = targetOf(context)
  if (!target) return undefined
  const client = await unlessInterrupted(connectClient(target, context), context.signal)
  return { client, stack: undefined, close: () => client.close() }
}

/** Runs a command's work on what is up already. @throws CliError NO_STACK; MurmurError UNAVAILABLE */
export async function withClient<T>(
  context: CliContext,
  work: (client: MurmurClient) => Promise<T>,
): Promise<T> {
  const session = await openTarget(context)
  if (!session) {
    throw new CliError(
      'NO_STACK',
      `no stack runs here, and none is named (looked for ${context.home}/run/stack.json)`,
    )
  }
  try {
    return await work(session.client)
  } finally {
    await session.close()
  }
}

/** The stack that runs on this machine, checked; undefined when there is none. @throws CliError STACK_SILENT */
async function openRunningStack(context: CliContext): Promise<Session | undefined> {
  const running = findRunningStack(context.home)
  if (!running) return undefined
  const upMs = context.clock.nowMs() - running.startedAtMs
  try {
    const client = await connectClient({ natsUrl: running.natsUrl, tenant: context.tenant }, context)
    const session = { client, stack: undefined, close: () => client.close() }
    try {
      await client.agents()
    } catch (error) {
      await session.close()
      throw error
    }
    context.terminal.log(`Using the stack of process ${running.pid}, up for ${formatDuration(upMs)}.`)
    return session
  } catch (cause) {
    const details = [messageOf(cause)]
    throw new CliError('STACK_SILENT', `the stack of process ${running.pid} does not answer`, {
      cause,
      details,
    })
  }
}

/** The stack that runs on this machine, or one of this command's own; of two that start at once, one is used by both. */
export async function openStack(context: CliContext, agentMains?: readonly string[]): Promise<Session> {
  const running = await openRunningStack(context)
  if (running) return running
  try {
    return await openOwnStack(context, agentMains)
  } catch (error) {
    if (!(error instanceof SetupError && error.code === 'DATA_IN_USE')) throw error
    const started = awaitRunningStack(context)
    const other = await waitingFor('waiting for the start that is under way', started, context)
    if (other) return other
    throw error
  }
}

async function awaitRunningStack(context: CliContext): Promise<Session | undefined> {
  const { clock, home, signal } = context
  const untilMs = clock.monotonicMs() + OTHER_START_MS
  while (!findRunningStack(home) && clock.monotonicMs() < untilMs) {
    throwIfInterrupted(signal)
    await clock.sleep(POLL_INTERVAL_MS, signal)
  }
  return openRunningStack(context)
}

/** Starts a stack, reported line by line. It ends with the session. */
async function openOwnStack(context: CliContext, agentMains?: readonly string[]): Promise<Session> {
  const { terminal, clock, home, signal, env } = context
  const report = (line: string) => terminal.log(...stackLines(line, terminal.paint))
  // Commands on a stack that is up do without all that starts one.
  const { startLocalStack } = await import('../../../deploy/local/stack.ts')
  const starting = startLocalStack({ home, report, env, bundled: true, ...(agentMains && { agentMains }) })
  let stack: LocalStack
  try {
    stack = await unlessInterrupted(waitingFor('starting', starting, context), signal)
  } catch (error) {
    // It cannot be left half started: what was asked to start is stopped as soon as it is up.
    if (signal.aborted) await waitingFor('stopping', stopStarted(starting), context)
    throw error
  }
  const client = await connectClient({ natsUrl: stack.natsUrl, tenant: context.tenant }, context).catch(
    async (error: unknown) => {
      await stack.stop()
      throw error
    },
  )
  const close = async () => {
    const fromMs = clock.monotonicMs()
    await waitingFor(
      'stopping',
      client.close().then(() => stack.stop()),
      context,
    )
    terminal.log(`Stopped in ${formatDuration(clock.monotonicMs() - fromMs)}.`)
  }
  return { client, stack, close }
}

async function stopStarted(starting: Promise<LocalStack>): Promise<void> {
  const [outcome] = await Promise.allSettled([starting])
  if (outcome.status === 'fulfilled') await outcome.value.stop()
}

/** The first line of what the stack tells, and what belongs to it further in. */
export function stackLines(
  text: string,
  paint: { green(text: string): string; dim(text: string): string },
): string[] {
  const [first = '', ...more] = text.split('\n')
  return [`${paint.green('·')} ${first}`, ...more.map((line) => paint.dim(`    ${line}`))]
}
