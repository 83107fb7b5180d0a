import { INBOX_OF_ANYBODY, INBOX_WITHOUT_USER } from './inboxes.ts'
import { type Catalogue, endpointOf, natsOperations, OPERATIONS } from './operations.ts'
import { hasManyAnswers, intersection, type Permission, type Permissions } from './permission.ts'
import { guestPermissions, permissionsOf, type Role } from './permissions.ts'

/** The account that has the streams, and those who run the system. */
export const PLATFORM_ACCOUNT = 'MURMUR'

/** Who lives in the account of the platform. Everybody else has an account for itself. */
const OF_PLATFORM: readonly Role['kind'][] = ['orchestrator', 'edge', 'operator', 'backup']

/** Without a password: a client of the tenant `default`, everything (for tests), or nobody. */
export type Guest = 'client' | 'everything' | 'nobody'
export const GUEST = 'guest'

/** A subject that an account offers to others, or takes from another. `service`: is asked, or told; `stream`: is heard. */
export interface Crossing {
  readonly kind: 'service' | 'stream'
  readonly subject: string
  readonly why: string
}

export interface Export extends Crossing {
  /** One question may have many answers. */
  readonly isMany: boolean
  /** Accounts that may import it, and no others. */
  readonly to: readonly string[]
}

export interface Import extends Crossing {
  /** The account that offers it. */
  readonly from: string
  /** What it is called here, where that is something else than there. */
  readonly as?: string
}

export interface AccountUser {
  readonly name: string
  /** Undefined: everything within its account. */
  readonly permissions: Permissions | undefined
}

export interface Account {
  readonly name: string
  readonly users: readonly AccountUser[]
  readonly exports: readonly Export[]
  readonly imports: readonly Import[]
}

/** Whether users of these roles live in the account of the platform. Pure. */
export function isOfPlatform(roles: readonly Role[]): boolean {
  return roles.some(({ kind }) => OF_PLATFORM.includes(kind))
}

/**
 * The accounts of a server with these users, that of the platform first. A user outside of it is alone in its account, and what
 * it may say and hear stands there as imports of exactly those subjects. The server carries a reply over an import to whoever
 * asked, in its own account: a reply subject of another account can't be named. Pure.
 */
export function accountsOf(
  users: readonly { name: string; roles: readonly Role[] }[],
  guest: Guest = 'nobody',
  catalogue: Catalogue = OPERATIONS,
): Account[] {
  const platform = new OpenAccount(PLATFORM_ACCOUNT, NOTHING)
  const apart: OpenAccount[] = []
  const addApart = (user: AccountUser, crossing: Permissions) => {
    const account = new OpenAccount(user.name, crossing)
    account.users.push(user)
    apart.push(account)
  }
  for (const { name, roles } of users) {
    const permissions = permissionsOf(name, roles, catalogue)
    if (isOfPlatform(roles)) platform.users.push({ name, permissions })
    else addApart({ name, permissions: isLeaf(roles) ? undefined : permissions }, permissions)
  }
  if (guest === 'everything') platform.users.push({ name: GUEST, permissions: undefined })
  if (guest === 'client') addApart({ name: GUEST, permissions: guestPermissions() }, guestPermissions())
  for (const account of apart) join(account, platform, apart, catalogue)
  return [platform, ...apart].map((account) => account.closed(catalogue))
}

/** A server that connects as a leaf carries all that its account imports, for users that it checks itself. */
function isLeaf(roles: readonly Role[]): boolean {
  return roles.some(({ kind }) => kind === 'site')
}

const NOTHING: Permissions = { publish: [], subscribe: [] }

/** An account that is being put together. */
class OpenAccount {
  readonly name: string
  /** What its user may say and hear, and so what goes in and out. */
  readonly crossing: Permissions
  readonly users: AccountUser[] = []
  readonly #exports = new Map<string, Crossing & { to: string[] }>()
  readonly #imports: Import[] = []

  constructor(name: string, crossing: Permissions) {
    this.name = name
    this.crossing = crossing
  }

  /** Another account takes this from here. `part`: what of it, where not all; `as`: what it calls it, where not the same. */
  offer(crossing: Crossing, to: OpenAccount, { part = crossing.subject, as }: Taking = {}): void {
    const key = `${crossing.kind} ${crossing.subject}`
    const found = this.#exports.get(key) ?? { ...crossing, to: [] }
    if (!found.to.includes(to.name)) found.to.push(to.name)
    this.#exports.set(key, found)
    to.#imports.push({ ...crossing, subject: part, from: this.name, ...(as !== undefined && { as }) })
  }

  closed(catalogue: Catalogue): Account {
    const exports = [...this.#exports.values()].map((each) => ({
      ...each,
      isMany: each.kind === 'service' && hasManyAnswers(each.subject, catalogue),
    }))
    return { name: this.name, users: this.users, exports, imports: this.#imports }
  }
}

interface Taking {
  part?: string | undefined
  as?: string | undefined
}

/** Connects the account of one user with that of the platform, and with others that say what it hears. */
function join(
  account: OpenAccount,
  platform: OpenAccount,
  others: readonly OpenAccount[],
  catalogue: Catalogue,
): void {
  const { publish, subscribe } = account.crossing
  const heard = subscribe.filter(({ subject }) => !isInbox(subject))
  const served = heard
    .filter(({ isServed }) => isServed)
    .flatMap((each) => inAnotherAccount(each, heard, catalogue))
  const isOwn = (subject: string) => served.some((each) => each.subject === subject)
  for (const { subject, why, isTold, as } of publish)
    if (isTold) account.offer({ kind: 'stream', subject, why }, platform)
    // Asked for in the account that answers it: there it is answered, and a way out and back in would be a circle.
    else if (!isOwn(subject)) platform.offer({ kind: 'service', subject, why }, account, { as })
  for (const { subject, why } of heard.filter(({ isServed }) => !isServed)) {
    // What it tells itself it hears in its own account; the way to the platform and back would be a circle.
    const isOwnTold = publish.some(({ subject: said, isTold }) => isTold && intersection(said, subject))
    if (!isOwnTold) platform.offer({ kind: 'stream', subject, why }, account)
    // What comes to the platform from another account does not go on to a third one.
    for (const other of others) {
      if (other === account || isOwnTold) continue
      for (const said of other.crossing.publish) {
        const both = intersection(subject, said.subject)
        if (both !== undefined)
          other.offer({ kind: 'stream', subject: said.subject, why }, account, { part: both })
      }
    }
  }
  for (const { subject, why } of served) account.offer({ kind: 'service', subject, why }, platform)
}

function isInbox(subject: string): boolean {
  return [INBOX_OF_ANYBODY, INBOX_WITHOUT_USER].some((root) => subject.startsWith(`${root}.`))
}

/**
 * What is asked from the account of the platform. Discovery is asked by the name of the service: one question can't go to several
 * accounts on all servers.
 */
function inAnotherAccount(
  served: Permission,
  all: readonly Permission[],
  catalogue: Catalogue,
): Permission[] {
  if (!served.subject.startsWith('$SRV.')) return [served]
  const operations = natsOperations(catalogue)
  const names = all.flatMap(({ subject }) => endpointOf(subject, operations)?.service.name ?? [])
  return [...new Set(names)].flatMap((name) =>
    [`$SRV.*.${name}`, `$SRV.*.${name}.*`].map((subject) => ({ ...served, subject })),
  )
}
