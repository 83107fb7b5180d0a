import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import { assertKey, type ByteRange, type FileStore, type StoredFile, type StoreRoom } from './file-store.ts'

const PRIVATE_FOLDER = 0o700
const PRIVATE_FILE = 0o600
/** Files whose facts are asked for at the same time. */
const STATS_IN_FLIGHT = 64
/** What a write that was cut short leaves behind: listings pass over it. */
const PART = '.part'

/** Files in a folder of this machine, or of a file system that several machines have. */
export class FolderStore implements FileStore {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  get place(): string {
    return this.#folder
  }

  /** As `df` tells it: what only root may use belongs to nobody. */
  async room(): Promise<StoreRoom | undefined> {
    return attempt(`the disk of ${this.#folder} can't be asked`, async () => {
      const facts = await statfs(this.#folder).catch(unlessMissing)
      if (!facts) return undefined
      const { bsize, blocks, bfree, bavail } = facts
      return { totalBytes: (blocks - bfree + bavail) * bsize, freeBytes: bavail * bsize }
    })
  }

  async list(
    prefix: string,
    { after = '', count = Number.POSITIVE_INFINITY }: { after?: string | undefined; count?: number } = {},
  ): Promise<StoredFile[]> {
    return attempt(`${this.#folder} can't be listed`, async () => {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      const keys = await this.#keysIn(folder)
      const wanted = keys.filter((key) => key.startsWith(prefix) && key > after).toSorted()
      const files: StoredFile[] = []
      for (let i = 0; i < Math.min(wanted.length, count); i += STATS_IN_FLIGHT) {
        const keys = wanted.slice(i, Math.min(count, i + STATS_IN_FLIGHT))
        const found = await Promise.all(keys.map((key) => this.#factsOf(key)))
        files.push(...found.filter((file) => file !== undefined))
      }
      return files
    })
  }

  async read(key: string, range?: ByteRange): Promise<Uint8Array | undefined> {
    return attempt(`${key} can't be read`, async () => {
      const file = await open(this.#pathOf(key), 'r').catch(unlessMissing)
      if (!file) return undefined
      try {
        if (!range) return await file.readFile()
        const bytes = Buffer.alloc(range.bytes)
        const { bytesRead } = await file.read(bytes, 0, range.bytes, range.from)
        return bytes.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    })
  }

  async write(key: string, bytes: Uint8Array): Promise<void> {
    await attempt(`${key} can't be written`, async () => {
      const path = this.#pathOf(key)
      const part = await this.#writePart(path, bytes)
      await rename(part, path)
      await syncFolder(dirname(path))
    })
  }

  async create(key: string, bytes: Uint8Array): Promise<boolean> {
    return attempt(`${key} can't be written`, async () => {
      const path = this.#pathOf(key)
      const part = await this.#writePart(path, bytes)
      try {
        // A name is given to a file that is whole, and only where nothing has that name.
        await link(part, path)
        await syncFolder(dirname(path))
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
        throw error
      } finally {
        await rm(part, { force: true })
      }
    })
  }

  async delete(key: string): Promise<void> {
    await attempt(`${key} can't be deleted`, () => rm(this.#pathOf(key), { force: true }))
  }

  async #keysIn(folder: string): Promise<string[]> {
    const entries = await readdir(join(this.#folder, folder), {
      recursive: true,
      withFileTypes: true,
    }).catch(unlessMissing)
    const root = join(this.#folder, '/')
    return (entries ?? [])
      .filter((entry) => entry.isFile() && !entry.name.includes(PART))
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
  }

  async #factsOf(key: string): Promise<StoredFile | undefined> {
    const facts = await stat(this.#pathOf(key)).catch(unlessMissing)
    return facts && { key, bytes: facts.size, modifiedAtMs: facts.mtimeMs }
  }

  async #writePart(path: string, bytes: Uint8Array): Promise<string> {
    await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER })
    const part = `${path}${PART}-${randomBytes(6).toString('hex')}`
    const file = await open(part, 'wx', PRIVATE_FILE)
    try {
      await file.writeFile(bytes)
      await file.sync()
      return part
    } catch (error) {
      await rm(part, { force: true })
      throw error
    } finally {
      await file.close()
    }
  }

  #pathOf(key: string): string {
    assertKey(key)
    return join(this.#folder, key)
  }
}

/** The name of a file is on disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined
  throw error
}

async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new MurmurError('UNAVAILABLE', `${what}: ${messageOf(cause)}`, { cause })
  }
}
