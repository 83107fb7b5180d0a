import {
  type Account,
  type AccountUser,
  accountsOf,
  type Export,
  GUEST,
  type Guest,
  type Import,
  PLATFORM_ACCOUNT,
} from '#subjects/accounts.ts'
import type { Permissions, Role } from '#subjects/permissions.ts'

export type { Guest } from '#subjects/accounts.ts'

/** A user of NATS, as in the configuration of the server. */
export interface NatsUser {
  readonly name: string
  readonly roles: readonly Role[]
  /** As it stands in the configuration: quoted text, or `$NAME` for a variable of the server's environment. */
  readonly password: string
}

export interface NatsAuthorizationOptions {
  /** Without a password: nobody, unless told. */
  readonly guest?: Guest
  /** As it stands in the configuration: makes the system account `SYS` with the user `sys`. */
  readonly systemPassword?: string
}

/** How long after a request it may be answered: beyond every time that a requester waits. */
const ANSWER_TIMEOUT = '10s'

/**
 * The part of a nats-server configuration that says who may do what, each line with its reason: the account of the platform,
 * which has the streams, and an account for every user outside of it. Pure.
 */
export function natsAuthorization(
  users: readonly NatsUser[],
  options: NatsAuthorizationOptions = {},
): string {
  const { guest = 'nobody' } = options
  return accountsConfig(accountsOf(users, guest), users, options)
}

/** The same for accounts that have been put together already. Pure. */
export function accountsConfig(
  of: readonly Account[],
  users: readonly Pick<NatsUser, 'name' | 'password'>[],
  options: NatsAuthorizationOptions = {},
): string {
  const { guest = 'nobody', systemPassword } = options
  const passwords = new Map(users.map(({ name, password }) => [name, password]))
  const accounts = of.map((account) => accountEntry(account, passwords))
  if (systemPassword !== undefined)
    accounts.push(`  SYS { users: [{ user: "sys", password: ${systemPassword} }] }`)
  const anonymous = guest === 'nobody' ? '' : `no_auth_user: "${GUEST}"\n`
  const system = systemPassword === undefined ? '' : 'system_account: SYS\n'
  return `accounts {
${accounts.join('\n')}
}
${system}${anonymous}`
}

function accountEntry(
  { name, users, exports, imports }: Account,
  passwords: ReadonlyMap<string, string>,
): string {
  const parts = [
    ...(name === PLATFORM_ACCOUNT ? ['    jetstream: enabled'] : []),
    list(
      'users',
      users.map((user) => userEntry(user, passwords.get(user.name) ?? `"${GUEST}"`)),
    ),
    list('exports', exports.map(exportEntry)),
    list('imports', imports.map(importEntry)),
  ]
  return `  ${JSON.stringify(name)} {\n${parts.filter((part) => part !== '').join('\n')}\n  }`
}

function list(name: string, entries: string[]): string {
  return entries.length === 0 ? '' : `    ${name}: [\n${entries.join('\n')}\n    ]`
}

function exportEntry({ kind, subject, isMany, to, why }: Export): string {
  const many = isMany ? ', response_type: stream' : ''
  return `      { ${kind}: ${JSON.stringify(subject)}${many}, accounts: ${JSON.stringify(to)} } # ${why}`
}

function importEntry({ kind, subject, from, as, why }: Import): string {
  const renamed = as === undefined ? '' : `, to: ${JSON.stringify(as)}`
  return `      { ${kind}: { account: ${JSON.stringify(from)}, subject: ${JSON.stringify(subject)} }${renamed} } # ${why}`
}

/** A user within its account. @param password as it stands in the configuration */
export function userEntry({ name, permissions }: AccountUser, password: string): string {
  const who = `user: ${JSON.stringify(name)}, password: ${password}`
  if (!permissions) return `      { ${who} }`
  const { publish, subscribe, answers } = permissions
  return `      { ${who}, permissions: {
        publish: { allow: [
${lines(publish)}
        ] }
        subscribe: { allow: [
${lines(subscribe)}
        ] }${answers ? `\n        allow_responses: { max: 1, expires: "${ANSWER_TIMEOUT}" }` : ''}
      } }`
}

function lines(permissions: Permissions['publish']): string {
  return permissions.map(({ subject, why }) => `          ${JSON.stringify(subject)} # ${why}`).join('\n')
}
