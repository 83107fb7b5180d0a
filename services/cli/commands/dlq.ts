import type { Command } from 'commander'
import type { DeadLetter } from '#schemas/dead-letter.ts'
import { agentTypeSchema } from '#schemas/identifiers.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { DeadLetterReader, MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { formatBytes, formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, cursorSchema, integerOption, logNextPage } from './arguments.ts'

interface ListOptions {
  agent?: string
  limit: number
  cursor?: string
}

const COLUMNS = [
  { title: 'number', align: 'right' },
  { title: 'agent' },
  { title: 'task' },
  { title: 'step' },
  { title: 'size', align: 'right' },
  { title: 'age', align: 'right' },
  { title: 'why', flexible: true },
] as const

/** `murmur dlq`: messages that were given up (the dead letter queue). */
export function addDlq(program: Command, run: Run): void {
  const dlq = program
    .command('dlq')
    .description('list messages that were given up, newest first; show single ones')
    .option('--agent <type>', 'only of this type of agent', checkedBy(agentTypeSchema))
    .option('--limit <n>', 'at most so many', integerOption(1, 200), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema))
    .action((options: ListOptions) => run((context) => list(context, options)))
  dlq
    .command('show')
    .description('one message with what it holds')
    .argument('<number>', 'its number in the list', integerOption(1, Number.MAX_SAFE_INTEGER))
    .action((seq: number) => run((context) => show(context, seq)))
}

async function list(context: CliContext, { limit, ...filter }: ListOptions) {
  const { terminal, clock, json } = context
  const { items, nextCursor } = await withClient(context, (client) =>
    fullPage(limit, async (next) => {
      const page = await readerOf(client).list({ ...filter, ...next })
      return { items: page.deadLetters, nextCursor: page.nextCursor }
    }),
  )
  if (json) terminal.printJson({ deadLetters: items, ...(nextCursor !== undefined && { nextCursor }) })
  else if (items.length === 0) terminal.log(nextCursor === undefined ? 'Nothing was given up.' : EMPTY_PAGE)
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = items.map((letter) => rowOf(letter, clock.nowMs()))
    terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  if (!json) logNextPage(context, { nextCursor })
  return EXIT.ok
}

async function show(context: CliContext, seq: number) {
  const { terminal, json } = context
  const found = await withClient(context, (client) => readerOf(client).get(seq))
  if (json) terminal.printJson(found)
  else {
    const { deadLetter, content } = found
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
    terminal.print(...text.split('\n').map(printable))
    if (deadLetter.reason !== undefined) terminal.log(`Given up: ${printable(deadLetter.reason)}`)
    if (deadLetter.taskId !== undefined)
      terminal.log(
        `murmur show ${deadLetter.taskId} shows its task, murmur rerun ${deadLetter.taskId} runs it once more.`,
      )
  }
  return EXIT.ok
}

/** @throws CliError USAGE over the edge */
function readerOf({ deadLetters, address }: MurmurClient): DeadLetterReader {
  if (deadLetters) return deadLetters
  throw new CliError('USAGE', `what was given up is read on NATS, and commands go to ${address}`, {
    fix: 'Name NATS for this command: --nats URL.',
  })
}

function rowOf(
  { seq, agent, taskId, stepId, attempt, bytes, atMs, reason }: DeadLetter,
  nowMs: number,
): Cell[] {
  return [
    { text: String(seq) },
    { text: printable(agent) },
    { text: taskId ?? '' },
    { text: stepId === undefined ? '' : `${stepId} (attempt ${attempt ?? '?'})` },
    { text: formatBytes(bytes) },
    { text: formatDuration(nowMs - atMs), style: 'dim' },
    { text: printable(reason ?? ''), style: 'dim' },
  ]
}
