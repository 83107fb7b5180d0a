import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OPERATOR, stackUsers } from '../local/stack/stack-users.ts'
import { natsAuthorization } from '../nats/authorization.ts'
import { redisUserLines } from '../redis/users.ts'

/**
 * Makes the users and passwords of deploy/compose, once: `node deploy/compose/make-secrets.ts`. What is there is left alone; to change all passwords,
 * delete the folder and restart everything.
 *
 *   secrets/nats-users.conf    users and permissions, for the server
 *   secrets/redis-users.acl    the same for Redis
 *   secrets/<user>.nats, .redis  user and password on a line each, for one process
 *   secrets/grafana-password
 *   secrets/redis-exporter.json  the password of `probe`, as the exporter reads it
 *   secrets/alert-*            whom Alertmanager tells: to be replaced
 *
 * The folder is yours alone; the files in it can be read by the users of containers that they are mounted into.
 */
export function makeSecrets(folder: string): 'made' | 'kept' {
  if (existsSync(folder)) return 'kept'
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o444 })
  const { processes } = stackUsers('nobody')
  const users = Object.entries(processes).map(([name, roles]) => ({ name, roles, password: password() }))
  write(
    'nats-users.conf',
    natsAuthorization(
      users.map(({ name, roles, password }) => ({
        name,
        roles: roles.nats,
        password: JSON.stringify(password),
      })),
    ),
  )
  const ofRedis = users.filter(({ roles }) => roles.redis.length > 0)
  const probe = { name: 'probe', roles: ['probe'] as const, password: password() }
  write(
    'redis-users.acl',
    `${redisUserLines([...ofRedis.map(({ name, roles, password }) => ({ name, roles: roles.redis, password })), probe])}\n`,
  )
  for (const { name, password } of users) write(`${name}.nats`, `${name}\n${password}\n`)
  for (const { name, password } of [...ofRedis, probe]) write(`${name}.redis`, `${name}\n${password}\n`)
  write('probe-password', probe.password)
  write('grafana-password', password())
  // redis_exporter wants passwords by address: older ones without the user, newer ones with it.
  const addresses = ['redis://redis:6379', `redis://${probe.name}@redis:6379`]
  write(
    'redis-exporter.json',
    `${JSON.stringify(Object.fromEntries(addresses.map((address) => [address, probe.password])))}\n`,
  )
  // Whom alerts are told to. These reach nobody: put your own in.
  write('alert-slack-url', 'https://slack.invalid/put-yours-here')
  write('alert-pagerduty-key', 'put-yours-here')
  write('alert-webhook-token', password())
  return 'made'
}

/** 192 random bits. */
function password(): string {
  return randomBytes(24).toString('base64url')
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, 'secrets')
  const outcome = makeSecrets(folder)
  process.stdout.write(
    `${outcome}: ${folder}; commands connect as ${OPERATOR}: ${join(folder, `${OPERATOR}.nats`)}\n`,
  )
}
