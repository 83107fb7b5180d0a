import { type Command, Option } from 'commander'
import { z } from 'zod'
import { cameraSchema } from '#schemas/monitor-request.ts'
import { getReviewRequestSchema, type ListReviewsRequest } from '#schemas/review.ts'
import { SEVERITIES, type Severity } from '#schemas/watch-rule.ts'
import { renderAlertList } from '../alerts/render-alert.ts'
import { MARKED_COLUMNS, markedRow, renderReviews } from '../alerts/render-review.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { EXIT } from '../exit-codes.ts'
import { presentChanges } from '../output/change-pages.ts'
import { EMPTY_PAGE, fullPage } from '../output/full-page.ts'
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

interface ReviewOptions {
  camera?: string
  severity?: Severity
  all?: boolean
  by?: string
  since?: number
  limit: number
  cursor?: string
}

const personSchema = z.string().min(1).max(256)
const reviewIdSchema = getReviewRequestSchema.shape.id

/** `murmur review`: what one person has still to look at. */
export function addReview(program: Command, run: Run): void {
  const review = program
    .command('review')
    .description(
      'what you have not looked at yet: alerts of one camera that overlap are one item, newest first',
    )
    .option('--camera <name>', 'only of this camera', checkedBy(cameraSchema))
    .addOption(new Option('--severity <severity>', 'only those whose highest is this').choices(SEVERITIES))
    .option('--all', 'those that you have looked at, too')
    .option('--by <name>', 'another name than yours', checkedBy(personSchema))
    .option('--since <when>', `only those since then: ${TIME_FORMS}`, timeOption)
    .option('--limit <n>', 'at most so many', integerOption(1, 200), 50)
    .option('--cursor <cursor>', 'go on where a page ended', checkedBy(cursorSchema))
    .action((options: ReviewOptions) => run((context) => list(context, options)))
  review
    .command('show')
    .description('one item with its alerts')
    .argument('<id>', 'id of the item', checkedBy(reviewIdSchema))
    .action((id: string) => run((context) => show(context, id)))
  addMark(review, run, { name: 'done', reviewed: true, about: 'say that you have looked at items' })
  addMark(review, run, { name: 'undo', reviewed: false, about: 'take that back' })
}

function addMark(
  review: Command,
  run: Run,
  { name, reviewed, about }: { name: string; reviewed: boolean; about: string },
): void {
  review
    .command(name)
    .description(about)
    .argument('<ids...>', 'ids of items')
    .action((ids: string[], _own: object, command: Command) =>
      run(async (context) => {
        const by = command.optsWithGlobals<ReviewOptions>().by ?? userName()
        const { results } = await withClient(context, ({ video }) => video.markReviews({ ids, by, reviewed }))
        presentChanges(context, results, { dryRun: false, columns: MARKED_COLUMNS, rowOf: markedRow })
        return results.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.ok
      }),
    )
}

async function list(context: CliContext, { all, by, since, limit, cursor, ...filter }: ReviewOptions) {
  const { clock, json, terminal } = context
  const request: ListReviewsRequest = {
    ...filter,
    limit,
    ...(!all && { notReviewedBy: by ?? userName() }),
    ...(since !== undefined && { sinceMs: resolveTime(since, clock.nowMs()) }),
    ...(cursor !== undefined && { cursor }),
  }
  const { items: reviews, nextCursor } = await withClient(context, ({ video }) =>
    fullPage(limit, async (next) => {
      const page = await video.reviews({ ...request, ...next })
      return { items: page.reviews, nextCursor: page.nextCursor }
    }),
  )
  if (json) terminal.printJson({ reviews, ...(nextCursor !== undefined && { nextCursor }) })
  else if (reviews.length > 0) {
    const { outPaint: paint, columns: width } = terminal
    terminal.print(...renderReviews(reviews, clock.nowMs(), { paint, ...(width !== undefined && { width }) }))
  } else terminal.log(nextCursor === undefined ? 'Nothing to look at.' : EMPTY_PAGE)
  if (!json) logNextPage(context, { nextCursor })
  return EXIT.ok
}

async function show(context: CliContext, id: string) {
  const { clock, json, terminal } = context
  const { review, alerts } = await withClient(context, ({ video }) => video.review(id))
  if (json) terminal.printJson({ review, alerts })
  else {
    const { outPaint: paint, columns: width } = terminal
    const options = { paint, ...(width !== undefined && { width }) }
    terminal.print(...renderReviews([review], clock.nowMs(), options), '')
    terminal.print(...renderAlertList(alerts, clock.nowMs(), options))
  }
  return EXIT.ok
}
