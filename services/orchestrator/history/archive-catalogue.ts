import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import { type ArchivedPartition, MANIFEST, type ManifestEntry, partitionFolder } from './segment-format.ts'
import { parseManifestEntry } from './segment-reader.ts'

/** Entries that are fetched at the same time. */
const READS_IN_FLIGHT = 32
/** What was listed is taken for what there is for so long. Milliseconds. */
const FRESH_MS = 2000
/** Then everything is listed anew, for what retention has taken. Milliseconds. */
const ALL_FRESH_MS = 60_000
/** So many entries are a page of a listing: all of them cost no more than what has come in one folder, and show folders that are new. */
const ONE_PAGE = 1000

export interface CatalogueDeps {
  store: FileStore
  clock: Pick<Clock, 'monotonicMs'>
  /** Told of each entry that can't be read; it is passed over. */
  onUnreadable?: (key: string, why: string) => void
}

/**
 * What the archive has, by the entries of its manifest: one small file for each segment, which never changes. A segment counts when it
 * lies in the chain of its partition: each begins right behind the one before. So what a writer leaves that came too late counts for
 * nothing.
 */
export class ArchiveCatalogue {
  readonly #deps: CatalogueDeps
  /** By folder, by key; undefined: it can't be read. */
  readonly #entries = new Map<string, Map<string, ManifestEntry | undefined>>()
  /** By key: when what was read was written. What was given up may have come again under its name. Unix ms. */
  readonly #writtenAt = new Map<string, number>()
  /** By folder, until something of it changes. */
  readonly #chains = new Map<string, ManifestEntry[]>()
  #listedMs = Number.NEGATIVE_INFINITY
  #allListedMs = Number.NEGATIVE_INFINITY
  #refreshing: Promise<void> | undefined

  constructor(deps: CatalogueDeps) {
    this.#deps = deps
  }

  /** Reads what has come, unless that was done just now. @throws MurmurError UNAVAILABLE */
  async refresh(): Promise<void> {
    if (this.#deps.clock.monotonicMs() - this.#listedMs < FRESH_MS) return
    this.#refreshing ??= this.#list().finally(() => {
      this.#refreshing = undefined
    })
    await this.#refreshing
  }

  /** The next refresh lists everything anew: something that was there has gone. */
  forget(): void {
    this.#listedMs = Number.NEGATIVE_INFINITY
    this.#allListedMs = Number.NEGATIVE_INFINITY
  }

  /** Segments of one partition, the oldest first, as they are now. @throws MurmurError UNAVAILABLE */
  async readChain(of: ArchivedPartition): Promise<ManifestEntry[]> {
    await this.#listFolder(partitionFolder(of), true)
    return this.chain(of)
  }

  /** Segments of one partition that are known, the oldest first. */
  chain(of: ArchivedPartition): ManifestEntry[] {
    return this.#chainOf(partitionFolder(of))
  }

  /** The chains of all partitions of all logs. The last log comes first. */
  chains(): ManifestEntry[][] {
    const folders = [...this.#entries.keys()].toSorted().toReversed()
    return folders.map((folder) => this.#chainOf(folder)).filter((chain) => chain.length > 0)
  }

  /** Every entry that can be read, also of what is in no chain. */
  all(): ManifestEntry[] {
    return [...this.#entries.values()]
      .flatMap((entries) => [...entries.values()])
      .filter((e) => e !== undefined)
  }

  /** A segment has been written here. */
  add(key: string, entry: ManifestEntry): void {
    this.#set(key, entry)
  }

  remove(key: string): void {
    this.#entries.get(folderOf(key))?.delete(key)
    this.#writtenAt.delete(key)
    this.#chains.delete(folderOf(key))
  }

  #chainOf(folder: string): ManifestEntry[] {
    let chain = this.#chains.get(folder)
    if (!chain) {
      chain = chainOf(this.#entries.get(folder) ?? new Map())
      this.#chains.set(folder, chain)
    }
    return chain
  }

  #set(key: string, entry: ManifestEntry | undefined): void {
    this.#folder(folderOf(key)).set(key, entry)
    this.#chains.delete(folderOf(key))
  }

  async #list(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs()
    // #writtenAt has the keys of all that was listed.
    const isSmall = this.#writtenAt.size < ONE_PAGE
    if (isSmall || nowMs - this.#allListedMs >= ALL_FRESH_MS) {
      await this.#listFolder('', true)
      this.#allListedMs = nowMs
    } else await Promise.all([...this.#entries.keys()].map((folder) => this.#listFolder(folder, false)))
    this.#listedMs = nowMs
  }

  /** @param anew with what has gone; otherwise what has come behind the last one */
  async #listFolder(folder: string, anew: boolean): Promise<void> {
    const { store, onUnreadable } = this.#deps
    const prefix = MANIFEST + folder
    const known = [...(this.#entries.get(folder)?.keys() ?? [])].toSorted()
    const files = await store.list(prefix, anew ? {} : { after: known.at(-1) })
    if (anew) this.#dropMissing(folder, new Set(files.map(({ key }) => key)))
    for (const { key, modifiedAtMs } of files) {
      const writtenAt = this.#writtenAt.get(key)
      if (writtenAt !== undefined && writtenAt !== modifiedAtMs) this.remove(key)
      this.#writtenAt.set(key, modifiedAtMs)
    }
    const unknown = files.filter(({ key }) => !this.#folder(folderOf(key)).has(key))
    for (let i = 0; i < unknown.length; i += READS_IN_FLIGHT)
      await Promise.all(
        unknown.slice(i, i + READS_IN_FLIGHT).map(async ({ key }) => {
          const bytes = await store.read(key)
          if (!bytes) return
          try {
            this.#set(key, parseManifestEntry(bytes, key))
          } catch (error) {
            this.#set(key, undefined)
            onUnreadable?.(key, messageOf(error))
          }
        }),
      )
  }

  #dropMissing(folder: string, there: ReadonlySet<string>): void {
    for (const [name, entries] of this.#entries) {
      if (!name.startsWith(folder)) continue
      for (const key of entries.keys()) if (!there.has(key)) this.remove(key)
    }
  }

  #folder(folder: string): Map<string, ManifestEntry | undefined> {
    let entries = this.#entries.get(folder)
    if (!entries) {
      entries = new Map()
      this.#entries.set(folder, entries)
    }
    return entries
  }
}

function folderOf(key: string): string {
  return key.slice(MANIFEST.length, key.lastIndexOf('/') + 1)
}

/** From the newest back, as long as each ends right before the next one. Pure. */
export function chainOf(entries: ReadonlyMap<string, ManifestEntry | undefined>): ManifestEntry[] {
  const sorted = [...entries.values()]
    .filter((entry) => entry !== undefined)
    .toSorted((a, b) => b.fromSeq - a.fromSeq)
  const chain: ManifestEntry[] = []
  for (const entry of sorted) {
    const next = chain.at(-1)
    if (next && entry.toSeq + 1 !== next.fromSeq) break
    chain.push(entry)
  }
  return chain.toReversed()
}

/**
 * Up to which sequence number of the log all events of a partition are in the archive, durably; 0: nothing. What lies up to it may be
 * purged from the log.
 * @throws MurmurError UNAVAILABLE
 */
export async function archivedUpTo(store: FileStore, of: ArchivedPartition): Promise<number> {
  const catalogue = new ArchiveCatalogue({ store, clock: { monotonicMs: () => 0 } })
  return (await catalogue.readChain(of)).at(-1)?.toSeq ?? 0
}
