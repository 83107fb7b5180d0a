import type { FileStore, StoreRoom } from '#platform/storage/file-store.ts'
import type { ArchiveCatalogue } from './archive-catalogue.ts'
import { type ManifestEntry, manifestKey, SEGMENTS } from './segment-format.ts'

export interface RetentionLimits {
  /** Since the broker stored a segment's last event. Milliseconds. */
  maxAgeMs: number
  /** Of all segments and indexes together. */
  maxBytes: number
  /** How long a finished task may be read: for want of a disk no segment goes that may have one. Milliseconds. */
  keepFinishedMs: number
}

/** What all segments and indexes together may have because the disk is nearly full: those that ended before go for it. */
export interface DiskBound {
  maxBytes: number
  beforeMs: number
}

/** What no entry names was left by a writer that was cut short, unless it is about to be named. Milliseconds. */
const ORPHAN_MS = 24 * 3_600_000
const DELETES_IN_FLIGHT = 16
/** A disk that is fuller than the first gets room until it is at the second. Shares. */
const DISK = { last: 0.95, to: 0.93 } as const

/**
 * Segments that are to go: those that are too old, then the oldest ones until the others have room. Of each partition of each log the newest
 * stays: it says up to where the log is archived. Pure.
 */
export function expiredSegments(
  chains: readonly (readonly ManifestEntry[])[],
  { maxAgeMs, maxBytes }: Omit<RetentionLimits, 'keepFinishedMs'>,
  nowMs: number,
  disk: DiskBound = { maxBytes: Number.POSITIVE_INFINITY, beforeMs: 0 },
): ManifestEntry[] {
  const newestLog = chains
    .map(([first]) => first?.log ?? '')
    .toSorted()
    .at(-1)
  let bytes = bytesIn(chains)
  const mayGo = chains
    .flatMap((chain) => (chain[0]?.log === newestLog ? chain.slice(0, -1) : chain))
    .toSorted((a, b) => a.toMs - b.toMs)
  const expired: ManifestEntry[] = []
  for (const entry of mayGo) {
    const isWanted = bytes > disk.maxBytes && entry.toMs < disk.beforeMs
    if (bytes <= maxBytes && entry.toMs >= nowMs - maxAgeMs && !isWanted) break
    expired.push(entry)
    bytes -= bytesOf(entry)
  }
  return expired
}

function bytesOf({ data, index }: ManifestEntry): number {
  return data.bytes + index.bytes
}

function bytesIn(chains: readonly (readonly ManifestEntry[])[]): number {
  return chains.flat().reduce((sum, entry) => sum + bytesOf(entry), 0)
}

/** Whether the disk is so full that the oldest has to go. Pure. */
export function isNearlyFull(room: StoreRoom | undefined): boolean {
  return room !== undefined && room.totalBytes - room.freeBytes > DISK.last * room.totalBytes
}

/** What the archive may have so that the disk gets room. Pure. */
function boundOf(room: StoreRoom | undefined, bytes: number, beforeMs: number): DiskBound | undefined {
  if (!room || !isNearlyFull(room)) return undefined
  const excess = room.totalBytes - room.freeBytes - DISK.to * room.totalBytes
  return { maxBytes: bytes - excess, beforeMs }
}

/**
 * Takes away what is too old or too much. The entry of a segment goes first: whoever reads finds a segment whole, or not at all.
 * @returns how many segments, and how many files that no entry named
 * @throws MurmurError UNAVAILABLE
 */
export async function applyRetention(
  store: FileStore,
  catalogue: ArchiveCatalogue,
  limits: RetentionLimits,
  nowMs: number,
): Promise<{ segments: number; orphans: number }> {
  // Before the manifest is read: what is named in it since then is not among them.
  const files = await store.list(SEGMENTS)
  catalogue.forget()
  await catalogue.refresh()
  const chains = catalogue.chains()
  const disk = boundOf(await store.room(), bytesIn(chains), nowMs - limits.keepFinishedMs)
  const expired = expiredSegments(chains, limits, nowMs, disk)
  for (const entry of expired) {
    const key = manifestKey(entry, entry.fromSeq)
    await store.delete(key)
    catalogue.remove(key)
  }
  await deleteAll(
    store,
    expired.flatMap(({ data, index }) => [data.key, index.key]),
  )
  const named = new Set(catalogue.all().flatMap(({ data, index }) => [data.key, index.key]))
  const gone = new Set(expired.flatMap(({ data, index }) => [data.key, index.key]))
  const orphans = files
    .filter(({ key, modifiedAtMs }) => !named.has(key) && !gone.has(key) && modifiedAtMs < nowMs - ORPHAN_MS)
    .map(({ key }) => key)
  await deleteAll(store, orphans)
  return { segments: expired.length, orphans: orphans.length }
}

async function deleteAll(store: FileStore, keys: readonly string[]): Promise<void> {
  for (let i = 0; i < keys.length; i += DELETES_IN_FLIGHT)
    await Promise.all(keys.slice(i, i + DELETES_IN_FLIGHT).map((key) => store.delete(key)))
}
