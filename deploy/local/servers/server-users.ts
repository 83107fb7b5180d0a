import { randomBytes } from 'node:crypto'
import type { Role } from '#subjects/permissions.ts'
import { type Guest, natsAuthorization } from '../../nats/authorization.ts'
import { type RedisRole, redisUserLines, redisUserLinesBesideGuest } from '../../redis/users.ts'

/** What a process on these servers is. */
export interface ProcessRoles {
  readonly nats: readonly Role[]
  readonly redis: readonly RedisRole[]
}

/** Who uses a pair of servers, by user name, and what a client without a password may do. */
export interface UsersOptions {
  readonly processes: Readonly<Record<string, ProcessRoles>>
  /** `everything` is for tests, which look behind everybody's back. */
  readonly guest: Guest
}

/** Reads nothing but how Redis is: for those who start it and look after it. */
const PROBE = 'probe'

/**
 * The users of one run of a pair of servers: passwords are made anew at every start, live in this process and in the configuration
 * files, which nobody else may read, and are handed over in URLs.
 */
export class ServerUsers {
  readonly #passwords = new Map<string, string>()
  readonly #options: UsersOptions

  constructor(options: UsersOptions) {
    this.#options = options
    for (const name of [...Object.keys(options.processes), PROBE])
      this.#passwords.set(name, randomBytes(24).toString('base64url'))
  }

  get natsLines(): string {
    const users = Object.entries(this.#options.processes).map(([name, { nats: roles }]) => ({
      name,
      roles,
      password: JSON.stringify(this.#passwords.get(name)),
    }))
    return natsAuthorization(users, { guest: this.#options.guest })
  }

  get redisLines(): string {
    const users = Object.entries(this.#options.processes)
      .filter(([, { redis }]) => redis.length > 0)
      .map(([name, { redis }]) => ({ name, roles: redis, password: this.#passwords.get(name)! }))
    const probe = { name: PROBE, roles: ['probe'] as const, password: this.#passwords.get(PROBE)! }
    const all = [...users, probe]
    return this.#options.guest === 'everything' ? redisUserLinesBesideGuest(all) : redisUserLines(all)
  }

  /** What the user names itself with; undefined for one that is not there. */
  credentialsOf(name: string): { user: string; password: string } | undefined {
    const password = this.#passwords.get(name)
    return password === undefined ? undefined : { user: name, password }
  }

  get probe(): { user: string; password: string } {
    return this.credentialsOf(PROBE)!
  }
}

/** The URL with who asks. */
export function urlFor(url: string, credentials: { user: string; password: string } | undefined): string {
  if (!credentials) return url
  return url.replace('://', `://${credentials.user}:${credentials.password}@`)
}
