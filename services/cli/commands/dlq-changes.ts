import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { DeadLetterClient } from '../client/murmur-client.ts'
import { changeLetters, type LetterPage } from '../dead-letters/change-letters.ts'
import { RESULT_COLUMNS, resultRow } from '../dead-letters/render-letters.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { presentChanges } from '../output/change-pages.ts'
import { withClient } from '../session/session.ts'
import { parseJsonInput } from './arguments.ts'
import { type FilterOptions, filterOf, numberArgument, withFilter } from './dlq-options.ts'

interface ChangeOptions extends FilterOptions {
  all?: boolean
  dryRun?: boolean
  requestId?: string
  reason?: string
  input?: string
  inputFile?: string
}

/** What a command does with a page of letters. */
type Change = (letters: DeadLetterClient, page: LetterPage) => ReturnType<DeadLetterClient['purge']>

/** `murmur dlq replay`, `edit` and `purge`. */
export function addDlqChanges(dlq: Command, run: Run): void {
  selecting(dlq.command('replay').description('run steps once more: each becomes a task of its own'))
    .option(
      '--request-id <text>',
      'the same letter under the same id becomes one task; a new id unless given',
    )
    .action((seqs: number[], options: ChangeOptions) => run((context) => replay(context, seqs, options)))
  dlq
    .command('edit')
    .description('replay one step with another input')
    .argument('<number>', 'its number in the list', numberArgument)
    .option('--input <json>', 'the input')
    .option('--input-file <file>', 'a file of JSON with the input')
    .option(
      '--request-id <text>',
      'the same letter under the same id becomes one task; a new id unless given',
    )
    .option('--dry-run', 'change nothing, and say what would be done')
    .action((seq: number, options: ChangeOptions) => run((context) => edit(context, seq, options)))
  selecting(dlq.command('purge').description('delete steps that were given up, for good'))
    .option('--reason <text>', 'why, for the log')
    .action((seqs: number[], options: ChangeOptions) => run((context) => purge(context, seqs, options)))
}

function selecting(command: Command): Command {
  const collect = (text: string, earlier: number[] = []) => [...earlier, numberArgument(text)]
  return withFilter(command.argument('[numbers...]', 'their numbers in the list', collect))
    .option('--all', 'all of them')
    .option('--dry-run', 'change nothing, and say which and how many would be')
}

function replay(context: CliContext, seqs: number[] | undefined, options: ChangeOptions): Promise<ExitCode> {
  const requestId = options.requestId ?? randomUUID()
  return change(context, { seqs, options }, (letters, page) => letters.replay({ ...page, requestId }))
}

async function edit(context: CliContext, seq: number, options: ChangeOptions): Promise<ExitCode> {
  const input = await readInput(context, options)
  const requestId = options.requestId ?? randomUUID()
  return change(context, { seqs: [seq], options }, (letters, page) =>
    letters.replay({ ...page, requestId, input }),
  )
}

function purge(context: CliContext, seqs: number[] | undefined, options: ChangeOptions): Promise<ExitCode> {
  const reason = options.reason === undefined ? {} : { reason: options.reason }
  return change(context, { seqs, options }, (letters, page) => letters.purge({ ...page, ...reason }))
}

async function change(
  context: CliContext,
  { seqs = [], options }: { seqs: number[] | undefined; options: ChangeOptions },
  apply: Change,
): Promise<ExitCode> {
  const filter = filterOf(options, context.clock.nowMs())
  assertSelection(seqs, Object.keys(filter).length > 0, options.all === true)
  const dryRun = options.dryRun === true
  const tenant = context.tenant === undefined ? {} : { tenant: context.tenant }
  const results = await withClient(context, ({ deadLetters }) =>
    changeLetters(
      { seqs, filter, dryRun },
      (page) => apply(deadLetters, { ...page, ...tenant }),
      context.signal,
    ),
  )
  presentChanges(context, results, { dryRun, columns: RESULT_COLUMNS, rowOf: resultRow })
  if (context.signal.aborted) return EXIT.interrupted
  return results.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok
}

/** @throws CliError USAGE where it is not clear which are meant: nothing is changed by accident */
function assertSelection(seqs: readonly number[], hasFilter: boolean, all: boolean): void {
  if ([seqs.length > 0, hasFilter, all].filter(Boolean).length === 1) return
  throw new CliError('USAGE', 'name letters by their numbers, by a filter, or say --all: one of them', {
    fix: 'Try it with --dry-run first; `murmur dlq` lists them.',
  })
}

/** @throws CliError USAGE, FILE_UNREADABLE */
async function readInput({ folder }: CliContext, { input, inputFile }: ChangeOptions): Promise<JsonValue> {
  if ((input === undefined) === (inputFile === undefined))
    throw new CliError('USAGE', 'the input is missing', { fix: 'Give it with --input or --input-file.' })
  if (input !== undefined) return parseJsonInput(Buffer.from(input), '--input')
  const bytes = await readFile(resolve(folder, inputFile!)).catch((cause: unknown) => {
    throw new CliError('FILE_UNREADABLE', `${inputFile}: ${messageOf(cause)}`, { cause })
  })
  return parseJsonInput(bytes, inputFile!)
}
