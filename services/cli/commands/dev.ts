import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { withoutCredentials } from '#platform/nats/server-address.ts'
import type { OfferedModel } from '#schemas/detection.ts'
import { findRunningStack, type StackNote } from '../../../deploy/local/stack/stack-note.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { interruptionOf, unlessInterrupted } from '../interruption.ts'
import { offerSentence, tellingOffers } from '../models/render-offers.ts'
import { commandLines, renderTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'
import { waitingFor } from '../output/waiting.ts'
import { openStack, stackLines } from '../session/session.ts'

export function addDev(program: Command, run: Run): void {
  program
    .command('dev')
    .description('start everything on this machine and keep it up')
    .option(
      '--agent <file...>',
      'further agents to run and keep alive, each a file that calls runAgent; beside a stack that runs already, these alone',
    )
    .action((options: { agent?: string[] }) => run((context) => dev(context, options.agent ?? [])))
}

async function dev(context: CliContext, agents: readonly string[]) {
  const own = agents.map((file) => agentMain(context, file))
  const { terminal } = context
  const { BUILT_IN_AGENTS } = await import('../../../deploy/local/stack.ts')
  const { client, stack, close } = await openStack(context, [...BUILT_IN_AGENTS, ...own])
  try {
    const note = findRunningStack(context.home)
    if (note) present(context, note, (await client.video.models()) ?? [])
    // Somebody else's: it is up, and it is theirs to end.
    if (!stack) {
      if (own.length > 0) await attach(context, own, note)
      return EXIT.ok
    }
    terminal.log('', `${terminal.paint.bold('Ctrl-C')} stops everything. Logs: ${stack.logDir}`)
    await interruptionOf(context.signal)
  } finally {
    await close()
  }
  return EXIT.ok
}

/** Agents of this command beside a stack that is not: they end with it, the stack does not. */
async function attach(context: CliContext, agentMains: readonly string[], note: StackNote | undefined) {
  const { terminal, home, signal, env } = context
  const { attachAgents } = await import('../../../deploy/local/stack/attached-agents.ts')
  const attaching = attachAgents({
    home,
    env,
    agentMains,
    taken: note?.services ?? [],
    report: (line) => terminal.log(...stackLines(line, terminal.paint)),
  })
  const agents = await unlessInterrupted(waitingFor('starting the agents', attaching, context), signal)
  try {
    terminal.log(
      '',
      `${terminal.paint.bold('Ctrl-C')} stops ${agentMains.length === 1 ? 'this agent' : 'these agents'}; the stack stays up. Logs: ${agents.logDir}`,
    )
    await interruptionOf(signal)
  } finally {
    await waitingFor('stopping', agents.stop(), context)
  }
}

function agentMain(context: CliContext, file: string): string {
  const path = resolve(context.folder, file)
  if (!existsSync(path)) throw new CliError('FILE_UNREADABLE', `${file}: there is no such file`)
  return path
}

function present({ terminal, json }: CliContext, note: StackNote, models: readonly OfferedModel[]): void {
  const { pid, natsUrl, agentUrl, redisUrl, services } = note
  if (json) terminal.printJson({ pid, natsUrl, agentUrl, redisUrl, services, models })
  else printStack(terminal, note, models)
}

function printStack(
  terminal: Terminal,
  { natsUrl, redisUrl, services }: StackNote,
  models: readonly OfferedModel[],
): void {
  const { outPaint: paint } = terminal
  const rows: [string, string][] = [
    // Passwords stand in the note of the stack, which nobody else may read, and not on screens.
    ['NATS', withoutCredentials(natsUrl)],
    ['Redis', withoutCredentials(redisUrl)],
    ...services.map((service): [string, string] => [
      service.name,
      service.httpUrl === undefined
        ? `process ${service.pid}`
        : `${service.httpUrl}/metrics  /healthz  /readyz`,
    ]),
    ...services.flatMap(({ restUrl, grpcUrl }): [string, string][] => [
      ...(restUrl ? [['console', restUrl] as [string, string]] : []),
      ...(restUrl ? [['REST', `${restUrl}/v1/tasks  /docs`] as [string, string]] : []),
      ...(grpcUrl ? [['gRPC', grpcUrl] as [string, string]] : []),
    ]),
    ...tellingOffers(models).map((model): [string, string] => ['model', offerSentence(model)]),
  ]
  terminal.print(
    '',
    ...renderTable(
      [{ title: 'what' }, { title: 'where' }],
      rows.map(([what, where]) => [{ text: what, style: 'bold' }, { text: where }]),
      { paint, header: false },
    ),
    '',
    paint.dim('Next, in another terminal'),
    ...commandLines(
      [
        ['open', 'the console, in the browser'],
        ['report FILES…', 'a report on files of your own'],
        ['submit PLAN.json --wait', 'a plan of your own, see examples/own-plan'],
        ['list', 'all tasks'],
        ['top', 'all of it, live'],
      ],
      paint,
    ),
  )
}
