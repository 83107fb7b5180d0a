import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { decodeCursor } from '#platform/requests/cursor.ts'
import { DEFAULT_TENANT, taskTypeSchema } from '#schemas/identifiers.ts'
import type { TaskStatus } from '#schemas/task.ts'
import { listTasksRequestSchema } from '#schemas/task-requests.ts'
import { listArchived } from '../../orchestrator/history/archived-list.ts'
import { lineOpener } from '../../orchestrator/history/archived-payloads.ts'
import { pageOfParts } from '../../orchestrator/history/page-of-parts.ts'
import { emptyReplay, type Replay, replayTasks, wholeTasks } from '../../orchestrator/history/replay.ts'
import { isIntact, readSegment } from '../../orchestrator/history/segment-reader.ts'
import { shadowRun } from '../../orchestrator/history/shadow-run.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { KEEP_FINISHED_MS, openArchive, payloadKeysOf } from '../history/open-archive.ts'
import { throwIfInterrupted } from '../interruption.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { count, formatBytes } from '../output/quantities.ts'
import { renderTable } from '../output/table.ts'
import { TASK_COLUMNS, taskRow } from '../task-view/render-task.ts'
import {
  checkedBy,
  cursorSchema,
  durationOption,
  integerOption,
  label,
  logNextPage,
  resolveTime,
  TIME_FORMS,
  timeOption,
} from './arguments.ts'

interface PlaceOptions {
  archive?: string
}

interface HistoryOptions extends PlaceOptions {
  status?: TaskStatus
  type?: string
  label?: Record<string, string>
  since?: number
  until?: number
  limit: number
  cursor?: string
}

interface ShadowOptions extends PlaceOptions {
  for?: number
  fromStart: boolean
}

const ENDED = ['completed', 'failed', 'cancelled'] as const
/** Differences that are kept of each kind. */
const MAX_TOLD = 100
const PLACE = 'a folder or s3://bucket/prefix (default: MURMUR_ARCHIVE, or that of the stack of this machine)'

/** `murmur history`: what an archive has, read without a stack. */
export function addHistory(program: Command, run: Run): void {
  const history = program
    .command('history')
    .description('tasks that ended, newest first, as an archive has them; needs no stack')
    .addOption(new Option('--status <status>', 'only these').choices(ENDED))
    .option('--type <type>', 'only these', checkedBy(taskTypeSchema))
    .option('--label <key=value>', 'only with this label; may be given several times', label)
    .option('--since <when>', `only those created since then: ${TIME_FORMS}`, timeOption)
    .option('--until <when>', 'only those created before that, in the same forms', timeOption)
    .option('--limit <n>', 'at most so many', integerOption(1, 500), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema))
    .option('--archive <place>', PLACE)
    .action((options: HistoryOptions) => run((context) => list(context, options)))
  history
    .command('replay')
    .description('fold a segment or a task with the code of today, and compare its ends with those of then')
    .argument('<what>', 'a segment (a file, or its key in the archive), or the id of a task')
    .action((what: string, _options: object, command: Command) =>
      run((context) => replay(context, what, command.optsWithGlobals<PlaceOptions>())),
    )
  history
    .command('shadow')
    .description(
      'follow the archive of a running stack with the code of this version: send nothing, tell what it would do otherwise',
    )
    .addOption(
      new Option('--for <duration>', 'end after so long; otherwise with Ctrl-C').argParser(durationOption),
    )
    .option('--from-start', 'also what is in the archive already', false)
    .action((_options: object, command: Command) =>
      run((context) => shadow(context, command.optsWithGlobals<ShadowOptions>())),
    )
  history
    .command('verify')
    .description('compare every file of the archive with its checksum')
    .action((_options: object, command: Command) =>
      run((context) => verify(context, command.optsWithGlobals<PlaceOptions>())),
    )
}

async function list(context: CliContext, options: HistoryOptions) {
  const { terminal, clock, json } = context
  const { archive, label: labels, since, until, limit, cursor: begin, ...same } = options
  const { reader } = openArchive(context, archive)
  const nowMs = clock.nowMs()
  const page = await fullPage(limit, async ({ limit: wanted, cursor = begin }) => {
    const request = listTasksRequestSchema.parse({
      ...{ ...same, limit: wanted },
      ...(labels && { labels }),
      ...(since !== undefined && { createdFromMs: resolveTime(since, nowMs) }),
      ...(until !== undefined && { createdBeforeMs: resolveTime(until, nowMs) }),
    })
    const after = cursor === undefined ? undefined : decodeCursor(cursor)
    const tenant = context.tenant ?? DEFAULT_TENANT
    const part = await listArchived(reader, { tenant, request, after, untilMs: undefined })
    const { tasks: items, nextCursor } = pageOfParts([part], wanted)
    return { items, nextCursor }
  })
  const { items: tasks, nextCursor } = page
  if (json) terminal.printJson({ tasks, ...(nextCursor !== undefined && { nextCursor }) })
  else if (tasks.length === 0)
    terminal.log(nextCursor === undefined ? 'No tasks in the archive.' : EMPTY_PAGE)
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = tasks.map((task) => taskRow(task, nowMs))
    terminal.print(...renderTable(TASK_COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  if (!json) logNextPage(context, page)
  return EXIT.ok
}

async function replay(context: CliContext, what: string, { archive }: PlaceOptions) {
  const { terminal, json } = context
  const isSegment = /\.zst$/.test(what)
  const { tasks, parts } = isSegment
    ? await tasksOfSegment(context, what, archive)
    : { tasks: [await eventsOfTask(context, what, archive)], parts: 0 }
  const replayed = replayTasks(tasks, { keepFinishedMs: KEEP_FINISHED_MS })
  if (json) terminal.printJson({ ...replayed, parts })
  else {
    const others = parts > 0 ? `; ${count(parts, 'task')} began before this segment: replay them by id` : ''
    terminal.print(`${comparedText(comparedOf(replayed))}${others}`, ...differenceLines(replayed))
  }
  return exitOfReplay(comparedOf(replayed))
}

/** How much was compared, and how much of it came out otherwise. */
interface Compared {
  compared: number
  differentEnds: number
  decided: number
  differentCommands: number
  undecodable: number
}

function comparedOf({ compared, different, decided, otherCommands, undecodable }: Replay): Compared {
  const [differentEnds, differentCommands] = [different.length, otherCommands.length]
  return { compared, differentEnds, decided, differentCommands, undecodable }
}

function comparedText({ compared, differentEnds, decided, differentCommands }: Compared): string {
  const ends = `${count(compared, 'end')} compared, ${differentEnds} different`
  return `${ends}; commands of ${count(decided, 'event')} compared, ${differentCommands} different`
}

function differenceLines({ different, otherCommands }: Replay): string[] {
  return [
    ...different.map(
      ({ taskId, seq, recorded = 'none', today = 'none' }) =>
        `  ${taskId} at ${seq}: then ${recorded.slice(0, 12)}, today ${today.slice(0, 12)}`,
    ),
    ...otherCommands.map(({ taskId, seq, today }) => {
      const names = today.map((command) =>
        'stepId' in command ? `${command.kind} ${command.stepId} attempt ${command.attempt}` : command.kind,
      )
      return `  ${taskId} at ${seq}: today ${names.join(', ') || 'nothing'} follows`
    }),
  ]
}

/** @throws CliError HISTORY_DIFFERS */
function exitOfReplay({ compared, differentEnds, decided, differentCommands, undecodable }: Compared) {
  if (differentEnds + differentCommands + undecodable === 0) return EXIT.ok
  const events = `other commands follow from ${count(differentCommands, 'event')} of ${decided}`
  throw new CliError(
    'HISTORY_DIFFERS',
    `${count(differentEnds, 'end')} of ${compared} came out otherwise, ${events}, ${count(undecodable, 'event')} could not be read`,
  )
}

async function shadow(context: CliContext, { archive, for: forMs, fromStart }: ShadowOptions) {
  const { terminal, clock, json, signal: interrupted } = context
  const { reader, store, codec } = openArchive(context, archive)
  const signal =
    forMs === undefined ? interrupted : AbortSignal.any([interrupted, AbortSignal.timeout(forMs)])
  const fold = { keepFinishedMs: KEEP_FINISHED_MS }
  const told = emptyReplay()
  const sum = { ...comparedOf(told), segments: 0, events: 0, cut: 0 }
  terminal.log(`Following ${store.place}${forMs === undefined ? ', until Ctrl-C' : ''} …`)
  const about = { reader, store, open: lineOpener(codec), clock, fold, signal, fromStart }
  for await (const segment of shadowRun(about)) {
    sum.segments++
    const part = { ...comparedOf(segment), events: segment.events, cut: segment.cut }
    for (const of of Object.keys(part) as (keyof typeof part)[]) sum[of] += part[of]
    // Some hundred say enough; how many there are is counted.
    told.different.push(...segment.different.slice(0, MAX_TOLD - told.different.length))
    told.otherCommands.push(...segment.otherCommands.slice(0, MAX_TOLD - told.otherCommands.length))
    if (json) continue
    terminal.log(`${segment.key}: ${count(segment.events, 'event')}; ${comparedText(part)}`)
    terminal.print(...differenceLines(segment))
  }
  const { different, otherCommands } = told
  if (json) terminal.printJson({ ...sum, different, otherCommands })
  else {
    const cut = sum.cut > 0 ? `; of ${count(sum.cut, 'task')} the beginning is gone` : ''
    terminal.print(
      `${count(sum.segments, 'segment')}, ${count(sum.events, 'event')}; ${comparedText(sum)}${cut}`,
    )
  }
  return exitOfReplay(sum)
}

async function tasksOfSegment(context: CliContext, name: string, archive: string | undefined) {
  const bytes =
    (await readFile(resolve(context.folder, name)).catch(() => undefined)) ??
    (await openArchive(context, archive).store.read(name))
  if (!bytes)
    throw new CliError('NOT_ARCHIVED', `there is no segment ${name}, neither as a file nor in the archive`)
  const { whole: tasks, parts } = wholeTasks(
    readSegment(bytes, name, lineOpener(payloadKeysOf(context))).events,
  )
  return { tasks, parts }
}

/** @throws CliError NOT_ARCHIVED */
export async function eventsOfTask(context: CliContext, taskId: string, archive: string | undefined) {
  const { reader, store } = openArchive(context, archive)
  const found = await reader.findEvents(taskId)
  const tenant = found?.events.find((event) => event.tenant !== undefined)?.tenant
  const isSeen = context.tenant === undefined || context.tenant === tenant
  if (!found || !isSeen) throw new CliError('NOT_ARCHIVED', `${store.place} has no task "${taskId}"`)
  if (found.isCut)
    throw new CliError('NOT_ARCHIVED', `${store.place} has no more than the end of task "${taskId}"`)
  return found.events
}

async function verify(context: CliContext, { archive }: PlaceOptions) {
  const { terminal, json } = context
  const { reader, store } = openArchive(context, archive)
  await reader.catalogue.refresh()
  const chains = reader.catalogue.chains()
  const faults: string[] = []
  let bytes = 0
  for (const entry of chains.flat()) {
    throwIfInterrupted(context.signal)
    const files = [entry.data, entry.index]
    const found = await Promise.all(files.map(({ key }) => store.read(key)))
    for (const [i, file] of files.entries()) {
      bytes += file.bytes
      const there = found[i]
      if (!there) faults.push(`${file.key} is missing`)
      else if (!isIntact(there, file)) faults.push(`${file.key} does not match its checksum`)
    }
  }
  const gaps = chains.flat().flatMap(({ gap, partition }) => (gap ? [{ partition, ...gap }] : []))
  const segments = chains.flat().length
  if (json) terminal.printJson({ segments, bytes, faults, gaps })
  else {
    terminal.print(`${count(segments, 'segment')}, ${formatBytes(bytes)}: ${count(faults.length, 'fault')}`)
    terminal.print(...faults.map((fault) => `  ${fault}`))
    for (const { partition, fromSeq, toSeq } of gaps)
      terminal.print(`  partition ${partition}: ${fromSeq} to ${toSeq} had gone from the log before`)
  }
  return faults.length === 0 ? EXIT.ok : EXIT.failed
}
