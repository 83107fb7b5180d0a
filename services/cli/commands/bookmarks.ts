import type { Command } from 'commander'
import {
  type AddBookmarkRequest,
  addBookmarkRequestSchema,
  type Bookmark,
  type ListBookmarksRequest,
  listBookmarksRequestSchema,
  removeBookmarkRequestSchema,
} from '#schemas/bookmark.ts'
import { cameraSchema } from '#schemas/monitor-request.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
import { renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import { withClient } from '../session/session.ts'
import { userName } from '../user-name.ts'
import {
  checkedBy,
  cursorSchema,
  integerOption,
  logNextPage,
  resolveTime,
  TIME_FORMS,
  timeOption,
} from './arguments.ts'

interface ListOptions {
  camera?: string
  by?: string
  mine?: boolean
  text?: string
  since?: number
  before?: number
  limit: number
  cursor?: string
}

interface AddOptions {
  at?: number
  note?: string
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'bookmark' },
  { title: 'camera' },
  { title: 'moment' },
  { title: 'of' },
  { title: 'by' },
  { title: 'note', flexible: true },
]
const { note: noteSchema } = addBookmarkRequestSchema.shape
const { by: bySchema, text: textSchema } = listBookmarksRequestSchema.shape
const idSchema = removeBookmarkRequestSchema.shape.id

/** `murmur bookmarks`: what people want to find again. */
export function addBookmarks(program: Command, run: Run): void {
  const bookmarks = program
    .command('bookmarks')
    .description('alerts, review items and moments of cameras that somebody wants to find again')
    .option('--camera <name>', 'only of this camera', checkedBy(cameraSchema))
    .option('--by <name>', 'only those of this person', checkedBy(bySchema.unwrap()))
    .option('--mine', 'only your own')
    .option('--text <text>', 'only those with this in their note', checkedBy(textSchema.unwrap()))
    .option('--since <when>', `of moments since then: ${TIME_FORMS}`, timeOption)
    .option('--before <when>', 'of moments before then', timeOption)
    .option('--limit <n>', 'at most so many', integerOption(1, 500), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema))
    .action((options: ListOptions) => run((context) => list(context, options)))
  bookmarks
    .command('add')
    .description('keep one: of an alert, of a review item, or of a camera with --at')
    .argument('<what>', 'id of an alert or a review item, or the name of a camera')
    .option('--at <when>', `the moment of a camera: ${TIME_FORMS}`, timeOption)
    .option('--note <text>', 'for yourself and others', checkedBy(noteSchema.unwrap()))
    .action((what: string, options: AddOptions) => run((context) => add(context, what, options)))
  bookmarks
    .command('remove')
    .description('take one away')
    .argument('<id>', 'id of the bookmark', checkedBy(idSchema))
    .action((id: string) =>
      run(async (context) => {
        const gone = await withClient(context, ({ video }) => video.removeBookmark({ id, by: userName() }))
        say(context, gone, `The bookmark of ${gone.camera} is gone.`)
        return EXIT.ok
      }),
    )
}

async function add(context: CliContext, what: string, { at, note }: AddOptions) {
  const by = userName()
  const about = { by, ...(note !== undefined && { note }) }
  const request: AddBookmarkRequest = { ...about, ...targetOf(what, at, context.clock.nowMs()) }
  const made = await withClient(context, ({ video }) => video.addBookmark(request))
  say(
    context,
    made,
    `${made.camera} at ${timeOf(made.atMs)} is kept; \`murmur bookmarks remove ${made.id}\` undoes it.`,
  )
  return EXIT.ok
}

/** What an id begins with says what it is of. Pure. */
export function targetOf(what: string, at: number | undefined, nowMs: number): AddBookmarkRequest {
  if (at !== undefined) return { camera: what, atMs: Math.round(resolveTime(at, nowMs)) }
  return /^ra[0-9a-f]+$/.test(what) ? { review: what } : { alert: what }
}

async function list(context: CliContext, options: ListOptions) {
  const { clock, json, terminal } = context
  const { mine, since, before, limit, cursor, ...filter } = options
  const request: ListBookmarksRequest = {
    ...{ ...filter, limit },
    ...(mine && { by: userName() }),
    ...(since !== undefined && { sinceMs: Math.round(resolveTime(since, clock.nowMs())) }),
    ...(before !== undefined && { beforeMs: Math.round(resolveTime(before, clock.nowMs())) }),
    ...(cursor !== undefined && { cursor }),
  }
  const { items: bookmarks, nextCursor } = await withClient(context, ({ video }) =>
    fullPage(limit, async (next) => {
      const page = await video.bookmarks({ ...request, ...next })
      return { items: page.bookmarks, nextCursor: page.nextCursor }
    }),
  )
  if (json) terminal.printJson({ bookmarks, ...(nextCursor !== undefined && { nextCursor }) })
  else if (bookmarks.length > 0) {
    const { outPaint: paint, columns: width } = terminal
    const rows = bookmarks.map(rowOf)
    terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  } else terminal.log(nextCursor === undefined ? 'No bookmarks.' : EMPTY_PAGE)
  if (!json) logNextPage(context, { nextCursor })
  return EXIT.ok
}

function rowOf({ id, camera, atMs, alert, review, by, note = '' }: Bookmark) {
  return [
    { text: id },
    { text: camera, style: 'bold' as const },
    { text: timeOf(atMs) },
    { text: alert ?? review ?? '', style: 'dim' as const },
    { text: printable(by) },
    { text: printable(note) },
  ]
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().replace('T', ' ').slice(0, 19)
}

function say({ json, terminal }: CliContext, bookmark: Bookmark, text: string): void {
  if (json) terminal.printJson({ bookmark })
  else terminal.log(text)
}
