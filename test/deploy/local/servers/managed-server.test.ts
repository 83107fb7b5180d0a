import t from 'tap'
import { type Launcher, startManaged } from '../../../../deploy/local/servers/managed-server.ts'
import type { ServerProcess } from '../../../../deploy/local/servers/server-process.ts'
import { SetupError } from '../../../../deploy/local/setup-error.ts'

const failed = () => new SetupError('SERVER_FAILED_TO_START', 'it ended', 'mend it')

/** A launcher of servers that are none: `ends` says for each launch what its log holds when it fails. */
function launcherOf(ends: (launch: number) => string | undefined) {
  const launches: number[][] = []
  let stops = 0
  const launcher: Launcher = {
    name: 'server',
    portCount: 2,
    launch: async (ports, onSpawn) => {
      const log = ends(launches.push(ports))
      const server = { hasEnded: log !== undefined, logTail: () => log ?? '', stop: async () => void stops++ }
      onSpawn(server as unknown as ServerProcess)
      if (log !== undefined) throw failed()
      return { version: '1.0' }
    },
  }
  return { launcher, launches, stops: () => stops }
}

t.test('ports that somebody has are left for others', async (t) => {
  const { launcher, launches } = launcherOf((launch) =>
    launch < 3 ? 'bind: Address already in use' : undefined,
  )
  const spawned: ServerProcess[] = []
  const managed = await startManaged(launcher, (server) => spawned.push(server))
  t.equal(launches.length, 3)
  t.strictSame(managed.ports, launches[2])
  t.equal(managed.version, '1.0')
  t.equal(managed.current, spawned[2])
  for (const ports of launches) {
    t.equal(new Set(ports).size, 2)
    for (const port of ports) t.ok(port >= 14_000 && port <= 29_999, `${port} is below the ephemeral range`)
  }
})

t.test('another fault is told at once; ports are tried twenty times', async (t) => {
  const broken = launcherOf(() => 'the disk is on fire')
  await t.rejects(
    startManaged(broken.launcher, () => undefined),
    { code: 'SERVER_FAILED_TO_START' },
  )
  t.equal(broken.launches.length, 1)
  const full = launcherOf(() => 'address already in use')
  await t.rejects(
    startManaged(full.launcher, () => undefined),
    { code: 'NO_FREE_PORT' },
  )
  t.equal(full.launches.length, 20)
})

t.test('a restart ends the server and takes its ports again, once they are free', async (t) => {
  const { launcher, launches, stops } = launcherOf((launch) =>
    launch === 2 ? 'address already in use' : undefined,
  )
  const managed = await startManaged(launcher, () => undefined)
  const first = managed.current
  await managed.restart()
  t.equal(stops(), 1)
  t.strictSame(launches, [managed.ports, managed.ports, managed.ports])
  t.not(managed.current, first)
})
