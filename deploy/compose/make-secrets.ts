import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Role } from '#subjects/permissions.ts'
import { newSealKeys } from '../local/stack/seal-keys.ts'
import { OPERATOR, stackUsers } from '../local/stack/stack-users.ts'
import { natsAuthorization } from '../nats/authorization.ts'
import { newPayloadKeys } from '../nats/payload-keys.ts'
import { newPlatformKey } from '../nats/platform-key.ts'
import { type RedisRole, redisUserLines } from '../redis/users.ts'

/** Of payload-keys.yaml. */
const PAYLOAD_KEYS = 'payload-keys'
/** Who asks Redis how it is. */
const PROBE = 'probe'
const GRAFANA = 'grafana-password'
const PLATFORM_KEYS = 'platform-keys'
/** Within which all processes are those of one version. Milliseconds. */
const UPDATE_MS = 3_600_000
/** What users of cameras are sealed with, and what links to alerts and clips are made with. */
const KEYS = ['seal-keys', 'link-keys']

interface User {
  name: string
  nats: readonly Role[]
  redis: readonly RedisRole[]
}

/** Everybody who has a password here. */
function users(): User[] {
  const { processes } = stackUsers('nobody')
  const ofProcesses = Object.entries(processes).map(([name, { nats, redis }]) => ({
    name,
    nats,
    redis: name === OPERATOR ? (['operator'] as const) : redis,
  }))
  return [...ofProcesses, { name: PROBE, nats: [], redis: ['probe'] }]
}

/**
 * Makes the users and passwords of deploy/compose, once. What is there is left alone; keys that an earlier version knew nothing of are added.
 *
 *   secrets/nats-users.conf      users and permissions, for the server
 *   secrets/redis-users.acl      the same for Redis
 *   secrets/<user>.nats, .redis  user and password on a line each, for one process
 *   secrets/<user>-password      of Redis alone, for its own command line: probe, operator
 *   secrets/platform-keys        what orchestrators and edges seal records with: to be kept as long as the data
 *   secrets/grafana-password
 *   secrets/seal-keys            what users of cameras are sealed with, for orchestrators and capture
 *   secrets/link-keys            what links to alerts and clips are made with, for alerting and the edge
 *   secrets/redis-exporter.json  the password of `probe`, as the exporter reads it
 *   secrets/alert-*              whom Alertmanager tells: to be replaced
 *
 * The folder is yours alone; the files in it can be read by the users of containers that they are mounted into.
 */
export function makeSecrets(folder: string): 'made' | 'kept' {
  if (existsSync(folder)) {
    addKeys(folder)
    return 'kept'
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeSecret(folder, GRAFANA, newPassword())
  writeSecret(folder, PLATFORM_KEYS, newPlatformKey(Date.now()))
  addKeys(folder)
  // Whom alerts are told to. These reach nobody: put your own in.
  writeSecret(folder, 'alert-slack-url', 'https://slack.invalid/put-yours-here')
  writeSecret(folder, 'alert-pagerduty-key', 'put-yours-here')
  writeSecret(folder, 'alert-webhook-token', newPassword())
  writeUsers(folder, new Map(users().map(({ name }) => [name, newPassword()])))
  return 'made'
}

/**
 * Gives these users new passwords; permissions become those of this version, for all. The servers have to be told to read their files
 * again: docs/operations.md. Files are written in place, because containers hold on to those that they were given.
 * @throws TypeError for a user that is not there, before anything is changed; Error where there are no secrets yet
 */
export function rotateSecrets(folder: string, names: readonly string[]): void {
  const known = users().map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0 || names.length === 0)
    throw new TypeError(`there is no user "${unknown.join(', ')}"; there are ${known.join(', ')}`)
  addKeys(folder)
  // A user of a later version has none yet.
  const passwords = known.map((name): [string, string] => [
    name,
    names.includes(name) ? newPassword() : (passwordOf(folder, name) ?? newPassword()),
  ])
  // Of a version before there were any: processes of that version run on for a while, and seal nothing.
  if (!existsSync(join(folder, PLATFORM_KEYS)))
    writeSecret(folder, PLATFORM_KEYS, newPlatformKey(Date.now() + UPDATE_MS))
  writeUsers(folder, new Map(passwords))
}

/**
 * Makes the key that payloads are encrypted with, for deploy/compose/payload-keys.yaml, once: what is there is left alone. It is changed by
 * deploy/nats/payload-keys.ts. @throws Error where there are no secrets yet
 */
export function makePayloadKeys(folder: string): 'made' | 'kept' {
  if (existsSync(join(folder, PAYLOAD_KEYS))) return 'kept'
  writeSecret(folder, PAYLOAD_KEYS, newPayloadKeys(Date.now()))
  return 'made'
}

/** What is sealed can only be opened with what has sealed it: none that is there is ever replaced. */
function addKeys(folder: string): void {
  for (const name of KEYS) if (!existsSync(join(folder, name))) writeSecret(folder, name, newSealKeys())
}

/** The servers' files last: a process that reads its own sooner is refused for a moment, and comes back. */
function writeUsers(folder: string, passwords: ReadonlyMap<string, string>): void {
  const withPasswords = users().map((user) => ({ ...user, password: passwords.get(user.name)! }))
  const ofNats = withPasswords.filter(({ nats }) => nats.length > 0)
  const ofRedis = withPasswords.filter(({ redis }) => redis.length > 0)
  for (const { name, password } of ofNats) writeSecret(folder, `${name}.nats`, `${name}\n${password}\n`)
  for (const { name, password } of ofRedis) writeSecret(folder, `${name}.redis`, `${name}\n${password}\n`)
  for (const name of [PROBE, OPERATOR]) writeSecret(folder, `${name}-password`, passwords.get(name)!)
  // redis_exporter wants passwords by address: older ones without the user, newer ones with it.
  const addresses = ['redis://redis:6379', `redis://${PROBE}@redis:6379`]
  const byAddress = Object.fromEntries(addresses.map((address) => [address, passwords.get(PROBE)]))
  writeSecret(folder, 'redis-exporter.json', `${JSON.stringify(byAddress)}\n`)
  writeSecret(
    folder,
    'redis-users.acl',
    `${redisUserLines(ofRedis.map(({ name, redis, password }) => ({ name, roles: redis, password })))}\n`,
  )
  writeSecret(
    folder,
    'nats-users.conf',
    natsAuthorization(
      ofNats.map(({ name, nats, password }) => ({ name, roles: nats, password: JSON.stringify(password) })),
    ),
  )
}

function passwordOf(folder: string, name: string): string | undefined {
  const file = [`${name}.nats`, `${name}.redis`].find((each) => existsSync(join(folder, each)))
  return file && readFileSync(join(folder, file), 'utf8').split('\n')[1]
}

function writeSecret(folder: string, name: string, text: string): void {
  const path = join(folder, name)
  if (existsSync(path)) chmodSync(path, 0o644)
  writeFileSync(path, text)
  chmodSync(path, 0o444)
}

/** 192 random bits. A letter first: the configuration of NATS reads others as numbers. */
function newPassword(): string {
  return `p${randomBytes(24).toString('base64url')}`
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, 'secrets')
  const { values, positionals } = parseArgs({
    options: {
      rotate: { type: 'boolean', default: false },
      'payload-keys': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  if (values.rotate) {
    rotateSecrets(folder, positionals)
    process.stdout.write(`new passwords: ${positionals.join(', ')}\n`)
  } else {
    const outcome = makeSecrets(folder)
    if (values['payload-keys'])
      process.stdout.write(
        `${makePayloadKeys(folder)}: ${join(folder, PAYLOAD_KEYS)}, to be kept as long as the data\n`,
      )
    const own = join(folder, `${OPERATOR}.nats`)
    process.stdout.write(`${outcome}: ${folder}; commands connect as ${OPERATOR}: ${own}\n`)
  }
}
