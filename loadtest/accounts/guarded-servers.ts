import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startManaged } from '../../deploy/local/servers/managed-server.ts'
import { natsLauncher } from '../../deploy/local/servers/nats-launcher.ts'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import type { ServerProcess } from '../../deploy/local/servers/server-process.ts'
import { urlFor } from '../../deploy/local/servers/server-users.ts'
import { startServers } from '../../deploy/local/servers/start-servers.ts'
import { accountsConfig } from '../../deploy/nats/authorization.ts'
import { newPlatformKey } from '../../deploy/nats/platform-key.ts'
import { type Account, accountsOf } from '../../subjects/accounts.ts'
import { permissionsOf, type Role } from '../../subjects/permissions.ts'
import { type Product, startProduct } from '../bench/product.ts'

/**
 * How much guards a stack. `none`: no users. `permissions`: users, all in one account. `accounts`: agents in an account of their own. `keys`: that,
 * and keys of the platform, so that steps and results carry tokens.
 */
export const GUARDS = ['none', 'permissions', 'accounts', 'keys'] as const
export type Guard = (typeof GUARDS)[number]

/** The product behind one guard, and the processes that it is made of. */
export interface GuardedStack {
  readonly guard: Guard
  readonly product: Product
  readonly pids: Readonly<Record<'orchestrator' | 'agents' | 'nats' | 'redis', number>>
  /** Of nats-server: `/varz`, and with `profilePort` its profiles. */
  readonly monitorUrl: string
  stop(): Promise<void>
}

const USERS: { name: string; roles: Role[] }[] = [
  { name: 'orchestrator', roles: [{ kind: 'orchestrator' }] },
  { name: 'agents', roles: ['noop-a', 'noop-b', 'noop-c'].map((type) => ({ kind: 'agent', type })) },
]

/** @param profilePort where nats-server shows its profiles, on loopback; none: nowhere */
export async function startGuarded(
  guard: Guard,
  report: (line: string) => void,
  profilePort?: number,
): Promise<GuardedStack> {
  const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-accounts-'))
  const users = USERS.map(({ name }) => ({ name, password: randomBytes(24).toString('base64url') }))
  const quoted = users.map(({ name, password }) => ({ name, password: JSON.stringify(password) }))
  // Without a password, everything: the client of the bench, in the account of the platform.
  const lines = guard === 'none' ? '' : accountsConfig(accountsBehind(guard), quoted, { guest: 'everything' })
  const natsLines = profilePort === undefined ? lines : `${lines}\nprof_port: ${profilePort}\n`
  const binary = await resolveNats(report)
  if (binary.kind !== 'binary')
    throw new Error('this bench starts NATS servers of its own: unset MURMUR_NATS_URL')
  let natsProcess: ServerProcess | undefined
  const folders = { dataDir: join(dataDir, 'broker'), logDir: join(dataDir, 'broker') }
  const launcher = natsLauncher(binary, folders, { syncInterval: '2s' }, { natsLines })
  const nats = await startManaged(launcher, (started) => {
    natsProcess = started
  })
  const natsUrl = `nats://127.0.0.1:${nats.ports[0]}`
  const servers = await startServers({
    dataDir: join(dataDir, 'store'),
    report,
    nats: { source: { kind: 'url', url: natsUrl } },
  })
  const keyFile = join(dataDir, 'platform-keys')
  writeFileSync(keyFile, newPlatformKey(Date.now()), { mode: 0o600 })
  const natsUrlOf = (name: string) => {
    const user = users.find((each) => each.name === name)
    return urlFor(natsUrl, guard === 'none' || !user ? undefined : { user: name, password: user.password })
  }
  const product = await startProduct({ natsUrl, natsUrlOf, redisUrl: servers.redisUrl }, undefined, {
    MURMUR_PLATFORM_KEYS: guard === 'keys' ? keyFile : undefined,
  })
  return {
    guard,
    product,
    pids: { ...product.pids, nats: natsProcess!.pid, redis: servers.redisPid! },
    monitorUrl: `http://127.0.0.1:${nats.ports[1]}`,
    async stop() {
      await product.stop()
      await servers.stop()
      await nats.current.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Those of production, or the same users in a single account: then their permissions are all that holds them. */
function accountsBehind(guard: Guard): Account[] {
  const apart = accountsOf(USERS, 'everything')
  if (guard !== 'permissions') return apart
  const [platform, ...others] = apart
  const users = [...platform!.users, ...others.flatMap((account) => account.users)].map((user) => {
    const roles = USERS.find(({ name }) => name === user.name)?.roles
    return { ...user, permissions: roles && permissionsOf(user.name, roles) }
  })
  return [{ ...platform!, users, exports: [], imports: [] }]
}
