import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

const LOCK_FILE = 'owner.json'
/** A folder whose owner has not been heard for so long is nobody's. Milliseconds. */
export const LOCK_STALE_MS = 15_000

const ownerSchema = z.object({ token: z.string(), pid: z.int(), host: z.string() })

/** A folder that one process at a time writes into, so that its index in memory is right. */
export class StoreLock {
  readonly #path: string
  #heard: { mtimeMs: number; sinceMs: number } | undefined
  readonly #owner = { token: randomUUID(), pid: process.pid, host: hostname() }

  constructor(folder: string) {
    this.#path = join(folder, LOCK_FILE)
  }

  /** To be called again until it is ours. @param monotonicMs that no clock that is set can turn */
  async take(monotonicMs: number): Promise<boolean> {
    await mkdir(join(this.#path, '..'), { recursive: true, mode: 0o700 })
    if (await this.#create()) return true
    if (!(await this.#isAbandoned(monotonicMs))) return false
    await rm(this.#path, { force: true })
    return this.#create()
  }

  /** Says that we are there. @returns false: somebody else has taken the folder */
  async renew(nowMs: number): Promise<boolean> {
    if ((await this.#read())?.token !== this.#owner.token) return false
    await utimes(this.#path, nowMs / 1000, nowMs / 1000).catch(() => undefined)
    return true
  }

  async release(): Promise<void> {
    if ((await this.#read())?.token === this.#owner.token) await rm(this.#path, { force: true })
  }

  async #create(): Promise<boolean> {
    try {
      const file = await open(this.#path, 'wx', 0o600)
      try {
        await file.writeFile(JSON.stringify(this.#owner))
      } finally {
        await file.close()
      }
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  /** Its process is gone from this machine, or it has said nothing for as long as we have watched. */
  async #isAbandoned(monotonicMs: number): Promise<boolean> {
    const facts = await stat(this.#path).catch(() => undefined)
    if (!facts) return true
    const owner = await this.#read()
    if (owner?.host === this.#owner.host && !isRunning(owner.pid)) return true
    // A container that was started again has the number of the one before.
    if (owner?.host === this.#owner.host && owner.pid === this.#owner.pid) return true
    if (this.#heard?.mtimeMs !== facts.mtimeMs) this.#heard = { mtimeMs: facts.mtimeMs, sinceMs: monotonicMs }
    return monotonicMs - this.#heard.sinceMs > LOCK_STALE_MS
  }

  async #read() {
    try {
      return ownerSchema.safeParse(JSON.parse(await readFile(this.#path, 'utf8'))).data
    } catch {
      return undefined
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
