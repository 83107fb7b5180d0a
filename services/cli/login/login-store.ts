import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { CliError } from '../cli-error.ts'

const FILE = 'logins.json'
const MAX_LOGINS = 100
/** Whoever has been at it for so long has died over it: asking an issuer takes 10 s at most. */
const LOCK_STALE_MS = 30_000
const LOCK_PATIENCE_MS = 40_000
const LOCK_POLL_MS = 50

const loginSchema = z.object({
  issuer: z.string(),
  tokenEndpoint: z.string(),
  revocationEndpoint: z.string().optional(),
  clientId: z.string(),
  audience: z.string(),
  accessToken: z.string(),
  /** Unix milliseconds; unknown without it. */
  expiresAtMs: z.number().optional(),
  refreshToken: z.string().optional(),
})
export type Login = z.infer<typeof loginSchema>
const fileSchema = z.object({ v: z.literal(1), logins: z.record(z.string(), loginSchema) })
type Logins = z.infer<typeof fileSchema>['logins']

/** Tokens of people by edge, in a file of this user alone (0600). */
export class LoginStore {
  readonly #home: string
  readonly #clock: Clock

  constructor(home: string, clock: Clock) {
    this.#home = home
    this.#clock = clock
  }

  /** @throws CliError FILE_UNREADABLE where others may read it, or it holds something else */
  get(edgeUrl: string): Login | undefined {
    const logins = this.#read()
    return Object.hasOwn(logins, edgeUrl) ? logins[edgeUrl] : undefined
  }

  /** Changes one login while no other command does. @param next undefined: it is taken away. @throws what `next` throws */
  async change(
    edgeUrl: string,
    next: (login: Login | undefined) => Promise<Login | undefined>,
  ): Promise<Login | undefined> {
    mkdirSync(this.#home, { recursive: true, mode: 0o700 })
    const lock = join(this.#home, `${FILE}.lock`)
    await this.#lock(lock)
    try {
      const { [edgeUrl]: before, ...others } = this.#read()
      const login = await next(before)
      if (login !== before) this.#write(login ? { ...others, [edgeUrl]: login } : others)
      return login
    } finally {
      rmSync(lock, { recursive: true, force: true })
    }
  }

  #read(): Logins {
    const file = join(this.#home, FILE)
    try {
      const { mode } = statSync(file)
      if ((mode & 0o077) !== 0)
        throw new CliError('FILE_UNREADABLE', `${file} may be read by others: tokens are in it`, {
          fix: `Take that away: chmod 600 ${file}`,
        })
      return fileSchema.parse(parseBoundedJson(readFileSync(file))).logins
    } catch (cause) {
      if (cause instanceof CliError) throw cause
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw new CliError('FILE_UNREADABLE', `${file}: ${messageOf(cause)}`, {
        fix: 'Remove it, and log in again: npx murmur login.',
        cause,
      })
    }
  }

  #write(logins: Logins): void {
    if (Object.keys(logins).length > MAX_LOGINS)
      throw new CliError('USAGE', `there are ${MAX_LOGINS} logins already`, {
        fix: 'End one with `npx murmur logout --edge URL`.',
      })
    const file = join(this.#home, FILE)
    const next = `${file}.${randomUUID()}`
    writeFileSync(next, JSON.stringify({ v: 1, logins }), { mode: 0o600, flag: 'wx' })
    // Whatever the mask of the process says.
    chmodSync(next, 0o600)
    renameSync(next, file)
  }

  /** Two that refresh the same login would have the issuer take it for stolen: it gives each refresh token once. */
  async #lock(path: string): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + LOCK_PATIENCE_MS
    for (;;) {
      try {
        mkdirSync(path, { mode: 0o700 })
        return
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      if (this.#isStale(path)) rmSync(path, { recursive: true, force: true })
      else if (this.#clock.monotonicMs() > untilMs)
        throw new MurmurError('UNAVAILABLE', `another command keeps ${path}`)
      else await this.#clock.sleep(LOCK_POLL_MS)
    }
  }

  #isStale(path: string): boolean {
    try {
      return this.#clock.nowMs() - statSync(path).mtimeMs > LOCK_STALE_MS
    } catch {
      // It was given back just now.
      return false
    }
  }
}
