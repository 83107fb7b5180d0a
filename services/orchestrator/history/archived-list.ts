import { isBehind, type PageEnd } from '#platform/requests/cursor.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { isTerminal, type TaskSummary } from '#schemas/task.ts'
import type { ListTasksRequest } from '#schemas/task-requests.ts'
import { hasTaskText } from '#schemas/task-text.ts'
import type { ArchiveReader } from './archive-reader.ts'
import { openSummary } from './archived-payloads.ts'
import { type ListedPart, type ListPlace, newestFirst } from './page-of-parts.ts'
import type { IndexedTaskLine, ManifestEntry } from './segment-format.ts'

/** Segments whose indexes one page reads. It goes further only while it has not come further than the page before. */
const MAX_SEGMENTS = 64
const READS_IN_FLIGHT = 8
/** Behind every id: what was created in this millisecond is not known to be complete. */
const BEFORE_ALL = 'z'.repeat(128)

export interface ArchivedListing {
  tenant: string
  request: ListTasksRequest
  after: PageEnd | undefined
  /** Older ones are of no use for this page. Unix milliseconds. */
  untilMs: number | undefined
}

/**
 * Tasks of a tenant that ended and are in the archive, newest first, out of the indexes of segments: no event is read. The cost of a page is
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
  for (let i = 0; i < entries.length; i += READS_IN_FLIGHT) {
    const next = entries[i]!.createdToMs!
    const isFull = part.found.filter(({ createdAtMs }) => createdAtMs > next).length > request.limit
    const isLong = i >= MAX_SEGMENTS && next < (after?.atMs ?? Number.POSITIVE_INFINITY)
    if (isFull || isLong || (untilMs !== undefined && next < untilMs)) {
      stopAt(part, { id: BEFORE_ALL, createdAtMs: next })
      break
    }
    const batch = entries.slice(i, i + READS_IN_FLIGHT)
    const indexes = await Promise.all(batch.map((entry) => reader.indexOf(entry)))
    for (const index of indexes) {
      const found = matchesOf(index?.ended(listing.tenant) ?? [], listing, reader.codec)
      part.found.push(...found)
      const last = found.at(-1)
      if (last && found.length > request.limit) stopAt(part, last)
    }
  }
  return part
}

function segmentsFor({ request, after }: ArchivedListing, entries: ManifestEntry[]): ManifestEntry[] {
  const { createdFromMs = 0, createdBeforeMs = Number.POSITIVE_INFINITY } = request
  const toMs = Math.min(after?.atMs ?? Number.POSITIVE_INFINITY, createdBeforeMs)
  return entries
    .filter(
      (entry) =>
        entry.createdToMs !== undefined && entry.createdToMs >= createdFromMs && entry.createdFromMs! <= toMs,
    )
    .toSorted((a, b) => b.createdToMs! - a.createdToMs!)
}

function matchesOf(
  lines: Iterable<Pick<IndexedTaskLine, 'summary' | 'sealed' | 'endedSeq'>>,
  { tenant, request, after }: ArchivedListing,
  codec: PayloadCodec | undefined,
): TaskSummary[] {
  const { createdFromMs = 0, createdBeforeMs = Number.POSITIVE_INFINITY, limit } = request
  const found: TaskSummary[] = []
  for (const line of lines) {
    const { summary } = line
    if (!summary || summary.tenant !== tenant) continue
    const { id, createdAtMs } = summary
    if (createdAtMs < createdFromMs || found.length > limit) break
    if (createdAtMs >= createdBeforeMs || (after && !isBehind({ atMs: createdAtMs, id }, after))) continue
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
function stopAt(part: ListedPart, { id, createdAtMs }: ListPlace): void {
  const place = { id, createdAtMs }
  if (!part.scannedTo || newestFirst(place, part.scannedTo) < 0) part.scannedTo = place
}
