/** Which keys of Redis a service has, with reasons, and what it may do with them. Pure. */

export const REDIS_ROLES = ['orchestrator', 'edge', 'tracking', 'alerting', 'probe', 'operator'] as const
export type RedisRole = (typeof REDIS_ROLES)[number]

interface Grant {
  /** Patterns of keys. */
  readonly keys: readonly { readonly pattern: string; readonly why: string }[]
  /** What it may do beside that. */
  readonly commands?: readonly { readonly command: string; readonly why: string }[]
}

const PING = { pattern: 'murmur:ping', why: 'is asked for until Redis answers' }

export const REDIS_GRANTS: Record<RedisRole, Grant> = {
  orchestrator: {
    keys: [
      { pattern: 'murmur:{p*}:*', why: 'tasks, timers, positions and leases of partitions' },
      { pattern: 'murmur:{submissions:*}:*', why: 'what became of queued submissions' },
      { pattern: 'murmur:{locks:*}:*', why: 'locks of agents' },
      { pattern: 'murmur:{objects}:*', why: 'what each tenant has in the object store, and until when' },
      { pattern: 'murmur:orchestrators', why: 'who shares the partitions' },
      { pattern: 'murmur:refusals:*', why: 'which partitions they leave to a later version' },
      { pattern: 'murmur:agents', why: 'the registry of agents' },
      { pattern: 'murmur:sites', why: 'which sites are heard, and since when' },
      { pattern: 'murmur:detectors', why: 'which detectors are heard, and how they do' },
      { pattern: 'murmur:cameras', why: 'how cameras were when they were last heard' },
      { pattern: 'murmur:camera-watch', why: 'which cameras were reported as not watched' },
      { pattern: 'murmur:reports:*', why: 'what orchestrators tell each other of what waits with them' },
      PING,
    ],
  },
  edge: { keys: [{ pattern: 'murmur:{limits:*}:*', why: 'rates of tenants' }, PING] },
  tracking: {
    keys: [{ pattern: 'camera:{*}:state', why: 'what the next owner of a camera goes on from' }, PING],
  },
  alerting: { keys: [{ pattern: 'murmur:{alerts}:*', why: 'history and cooldowns of alerts' }, PING] },
  probe: { keys: [] },
  operator: {
    keys: [],
    commands: [{ command: '+acl|load', why: 'reads the file of users again, when passwords have changed' }],
  },
}

/**
 * What services do with their keys: read, write, run scripts, which are bound to the same keys. Nothing that concerns the whole
 * server, and nothing that tells which keys there are.
 */
const DATA_COMMANDS = '+@read +@write +@scripting +@transaction +time'
const FORBIDDEN_COMMANDS =
  '-@dangerous -@admin -@blocking -scan -randomkey -dbsize -script|flush -script|kill -function|load -function|delete -function|flush -function|restore'
/** What every client says when it connects; `info` tells it when the server has loaded its data, and whether it may evict keys. */
const CONNECTION_COMMANDS = '+@connection'
const READINESS = '+info'
/** Where which keys lie, and whether all of them do: every client of a cluster asks. A single server refuses it anyway. */
const TOPOLOGY = '+cluster|slots +cluster|shards +cluster|info'

export interface RedisUser {
  readonly name: string
  readonly roles: readonly RedisRole[]
  /** Plain text. */
  readonly password: string
}

/**
 * Nobody comes in as `default`: it is off. Yet it has all rights, because a server that starts reads its append-only file as this
 * user: without them each transaction and script in there is refused, and what it wrote is gone.
 */
export const DEFAULT_USER_OFF = 'user default off resetpass ~* &* +@all'

/** The lines of a Redis configuration (or ACL file) for these users, and for nobody else. Pure. */
export function redisUserLines(users: readonly RedisUser[]): string {
  return [...users.map(lineOf), DEFAULT_USER_OFF].join('\n')
}

/** The same, beside a `default` without a password that may do everything: for tests. Pure. */
export function redisUserLinesBesideGuest(users: readonly RedisUser[]): string {
  return users.map(lineOf).join('\n')
}

function lineOf({ name, roles, password }: RedisUser): string {
  const keys = [
    ...new Set(roles.flatMap((role) => REDIS_GRANTS[role].keys.map(({ pattern }) => `~${pattern}`))),
  ]
  const data = keys.length === 0 ? [] : [DATA_COMMANDS]
  const own = roles.flatMap((role) => REDIS_GRANTS[role].commands?.map(({ command }) => command) ?? [])
  const commands = ['-@all', CONNECTION_COMMANDS, ...data, FORBIDDEN_COMMANDS, TOPOLOGY, READINESS, ...own]
  const access = ['on', `>${password}`, 'resetkeys', ...keys, 'resetchannels', ...commands]
  return `user ${name} ${access.join(' ')}`
}
