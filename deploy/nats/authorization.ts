import { guestPermissions, type Permissions, permissionsOf, type Role } from '#subjects/permissions.ts'

/** A user of NATS, as in the configuration of the server. */
export interface NatsUser {
  readonly name: string
  readonly roles: readonly Role[]
  /** As it stands in the configuration: quoted text, or `$NAME` for a variable of the server's environment. */
  readonly password: string
}

/** What a connection without a password is: a client of the tenant `default`, everything (for tests), or nobody. */
export type Guest = 'client' | 'everything' | 'nobody'

/** How long after a request it may be answered: beyond every time that a requester waits. */
const ANSWER_TIMEOUT = '10s'

/** The part of a nats-server configuration that says who may do what, each line with its reason. Pure. */
export function natsAuthorization(users: readonly NatsUser[], guest: Guest = 'nobody'): string {
  const entries = users.map(({ name, password, roles }) =>
    userEntry(name, password, permissionsOf(name, roles)),
  )
  if (guest === 'client') entries.push(userEntry('guest', '"guest"', guestPermissions()))
  if (guest === 'everything') entries.push('    { user: "guest", password: "guest" }')
  const anonymous = guest === 'nobody' ? '' : 'no_auth_user: "guest"\n'
  return `authorization {
  users = [
${entries.join('\n')}
  ]
}
${anonymous}`
}

function userEntry(name: string, password: string, { publish, subscribe, answers }: Permissions): string {
  return `    { user: ${JSON.stringify(name)}, password: ${password}, permissions: {
      publish: { allow: [
${lines(publish)}
      ] }
      subscribe: { allow: [
${lines(subscribe)}
      ] }${answers ? `\n      allow_responses: { max: 1, expires: "${ANSWER_TIMEOUT}" }` : ''}
    } }`
}

function lines(permissions: Permissions['publish']): string {
  return permissions.map(({ subject, why }) => `        ${JSON.stringify(subject)} # ${why}`).join('\n')
}
