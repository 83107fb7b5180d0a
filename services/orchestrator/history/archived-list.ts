import { isBehind, type PageEnd } from '#platform/requests/cursor.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { isTerminal, type TaskSummary } from '#schemas/task.ts'
import type { ListOrder, ListTasksRequest } from '#schemas/task-requests.ts'
import { hasTaskText } from '#schemas/task-text.ts'
import type { ArchiveReader } from './archive-reader.ts'
import { openSummary } from './archived-payloads.ts'
import { inOrder, type ListedPart, type ListPlace } from './page-of-parts.ts'
import type { IndexedTaskLine, ManifestEntry } from './segment-format.ts'

/** Segments whose indexes one page reads. It goes further only while it has not come further than the page before. */
const MAX_SEGMENTS = 64
const READS_IN_FLIGHT = 8
/** Before every id, in either order: what was created in this millisecond is not known to be complete. */
const BEFORE_ALL: Readonly<Record<ListOrder, string>> = { newest: 'z'.repeat(128), oldest: '-' }

export interface ArchivedListing {
  tenant: string
  request: ListTasksRequest
  after: PageEnd | undefined
  /** Those behind it are of no use for this page: older ones, or newer ones in the other order. Unix milliseconds. */
  untilMs: number | undefined
}

/**
 * Tasks of a tenant that ended and are in the archive, in the order that is asked for, out of the indexes of segments: no event is read. The cost of a page is
 * bounded; what it does not come to is on the next one. Without the key of a task its labels and its error are not told.
 * @throws MurmurError UNAVAILABLE, PAYLOAD_UNREADABLE
 */
export async function listArchived(
  reader: Pick<ArchiveReader, 'catalogue' | 'indexOf' | 'codec'>,
  listing: ArchivedListing,
): Promise<ListedPart> {
  const { request, after, untilMs } = listing
  const part: ListedPart = { found: [], scannedTo: undefined }
  if (request.status !== undefined && !isTerminal(request.status)) return part
  await reader.catalogue.refresh()
  const entries = segmentsFor(listing, reader.catalogue.chains().flat())
  const { order = 'newest' } = request
  const isPast = (atMs: number, thanMs: number) => (order === 'newest' ? atMs < thanMs : atMs > thanMs)
  for (let i = 0; i < entries.length; i += READS_IN_FLIGHT) {
    const next = firstMsOf(entries[i]!, order)
    const isFull = part.found.filter(({ createdAtMs }) => isPast(next, createdAtMs)).length > request.limit
    const isLong = i >= MAX_SEGMENTS && (after === undefined || isPast(next, after.atMs))
    if (isFull || isLong || (untilMs !== undefined && isPast(next, untilMs))) {
      stopAt(part, { id: BEFORE_ALL[order], createdAtMs: next }, order)
      break
    }
    const batch = entries.slice(i, i + READS_IN_FLIGHT)
    const indexes = await Promise.all(batch.map((entry) => reader.indexOf(entry)))
    for (const index of indexes) {
      const found = matchesOf(index?.ended(listing.tenant, order) ?? [], listing, reader.codec)
      part.found.push(...found)
      const last = found.at(-1)
      if (last && found.length > request.limit) stopAt(part, last, order)
    }
  }
  return part
}

function segmentsFor({ request, after }: ArchivedListing, entries: ManifestEntry[]): ManifestEntry[] {
  const { createdFromMs = 0, createdBeforeMs = Number.POSITIVE_INFINITY, order = 'newest' } = request
  const fromMs = order === 'newest' ? createdFromMs : Math.max(after?.atMs ?? 0, createdFromMs)
  const untilMs = Math.min(
    (order === 'newest' ? after?.atMs : undefined) ?? Number.POSITIVE_INFINITY,
    createdBeforeMs,
  )
  const sign = order === 'newest' ? -1 : 1
  return entries
    .filter(
      (entry) =>
        entry.createdToMs !== undefined && entry.createdToMs >= fromMs && entry.createdFromMs! <= untilMs,
    )
    .toSorted((a, b) => sign * (firstMsOf(a, order) - firstMsOf(b, order)))
}

/** When the first task of a segment was created, in that order. Unix milliseconds. */
function firstMsOf({ createdFromMs, createdToMs }: ManifestEntry, order: ListOrder): number {
  return order === 'newest' ? createdToMs! : createdFromMs!
}

function matchesOf(
  lines: Iterable<Pick<IndexedTaskLine, 'summary' | 'sealed' | 'endedSeq'>>,
  { tenant, request, after }: ArchivedListing,
  codec: PayloadCodec | undefined,
): TaskSummary[] {
  const { createdFromMs = 0, createdBeforeMs = Number.POSITIVE_INFINITY, limit, order } = request
  const found: TaskSummary[] = []
  for (const line of lines) {
    const { summary } = line
    if (!summary || summary.tenant !== tenant) continue
    const { id, createdAtMs } = summary
    const isOlder = createdAtMs < createdFromMs
    const isNewer = createdAtMs >= createdBeforeMs
    if (found.length > limit || (order === 'oldest' ? isNewer : isOlder)) break
    if (isOlder || isNewer) continue
    if (after && !isBehind({ atMs: createdAtMs, id }, after, order)) continue
    if (!isWanted(summary, request)) continue
    const whole = openSummary(codec, line)!
    if (hasLabels(whole, request) && (request.text === undefined || hasTaskText(whole, request.text)))
      found.push(whole)
  }
  return found
}

function isWanted(task: TaskSummary, { status, type }: ListTasksRequest): boolean {
  return (status === undefined || task.status === status) && (type === undefined || task.type === type)
}

function hasLabels(task: TaskSummary, { labels = {} }: ListTasksRequest): boolean {
  return Object.entries(labels).every(([name, value]) => task.labels?.[name] === value)
}

/** Of several places the first counts: behind it something may be missing. */
function stopAt(part: ListedPart, { id, createdAtMs }: ListPlace, order: ListOrder): void {
  const place = { id, createdAtMs }
  if (!part.scannedTo || inOrder(order)(place, part.scannedTo) < 0) part.scannedTo = place
}
