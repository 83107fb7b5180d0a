import type { Command } from 'commander'
import type { CliContext, Run } from '../cli-context.ts'
import { LETTER_COLUMNS, letterRow } from '../dead-letters/render-letters.ts'
import { EXIT } from '../exit-codes.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { checkedBy, cursorSchema, integerOption, logNextPage } from './arguments.ts'
import { addDlqChanges } from './dlq-changes.ts'
import { type FilterOptions, filterOf, numberArgument, withFilter } from './dlq-options.ts'

interface ListOptions extends FilterOptions {
  limit: number
  cursor?: string
}

/** `murmur dlq`: what was given up (the dead letter queue): shown, replayed, deleted. */
export function addDlq(program: Command, run: Run): void {
  const dlq = program.command('dlq').description('steps that were given up: list, show, replay, edit, purge')
  const list = dlq.command('list', { isDefault: true }).description('list them, newest first')
  withFilter(list)
    .option('--limit <n>', 'at most so many', integerOption(1, 200), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema))
    .action((options: ListOptions) => run((context) => listLetters(context, options)))
  dlq
    .command('show')
    .description('one of them, with its last error and all that it holds')
    .argument('<number>', 'its number in the list', numberArgument)
    .action((seq: number) => run((context) => show(context, seq)))
  addDlqChanges(dlq, run)
}

async function listLetters(context: CliContext, { limit, cursor, ...options }: ListOptions) {
  const { terminal, clock, json, tenant } = context
  const request = { ...filterOf(options, clock.nowMs()), ...(tenant !== undefined && { tenant }) }
  const { items, nextCursor } = await withClient(context, (client) =>
    fullPage(limit, async (next) => {
      const page = await client.deadLetters.list({
        ...request,
        ...(cursor !== undefined && { cursor }),
        ...next,
      })
      return { items: page.deadLetters, nextCursor: page.nextCursor }
    }),
  )
  if (json) terminal.printJson({ deadLetters: items, ...(nextCursor !== undefined && { nextCursor }) })
  else if (items.length === 0) terminal.log(nextCursor === undefined ? 'Nothing was given up.' : EMPTY_PAGE)
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = items.map((letter) => letterRow(letter, clock.nowMs()))
    terminal.print(...renderTable(LETTER_COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  if (!json) logNextPage(context, { nextCursor })
  return EXIT.ok
}

async function show(context: CliContext, seq: number) {
  const { terminal, json } = context
  const found = await withClient(context, (client) => client.deadLetters.get(seq))
  if (json) terminal.printJson(found)
  else {
    const { deadLetter, content } = found
    const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
    terminal.print(...text.split('\n').map(printable))
    const { code, reason, taskId, replayed } = deadLetter
    if (reason !== undefined)
      terminal.log(`Given up: ${printable([code, reason].filter(Boolean).join(': '))}`)
    if (replayed) terminal.log(`It was replayed as ${replayed.taskId}.`)
    if (taskId !== undefined)
      terminal.log(`murmur show ${taskId} shows its task, murmur dlq replay ${seq} runs the step once more.`)
  }
  return EXIT.ok
}
