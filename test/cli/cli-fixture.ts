import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Bus } from '#platform/nats/bus.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { type Outcome, runInProcess } from './run-in-process.ts'
import { type RunningMurmur, startMurmur } from './run-murmur.ts'
import { StandInStack } from './stand-in-stack.ts'

/** Where a user sits: a folder, a home of its own, and a stack whose answers the test decides. */
export interface CliFixture {
  readonly bus: Bus
  readonly natsUrl: string
  readonly stack: StandInStack
  readonly home: string
  readonly folder: string
  /** An environment that names no servers. */
  readonly bare: NodeJS.ProcessEnv
  /** As a process of its own. */
  start(args: readonly string[], env?: NodeJS.ProcessEnv): RunningMurmur
  /** To its end, in this process. */
  murmur(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome>
}

/** Opened for the length of a test file. */
export async function openCliFixture(t: Test): Promise<CliFixture> {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const stack = await StandInStack.open(bus)
  const home = mkdtempSync(join(tmpdir(), 'murmur-video-cli-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const folder = join(home, 'work')
  mkdirSync(folder)
  const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...rest } = process.env
  const bare: NodeJS.ProcessEnv = { ...rest, MURMUR_HOME: home, NO_COLOR: '1' }
  const connected = { ...bare, MURMUR_NATS_URL: servers.natsUrl }
  const start = (args: readonly string[], env = connected) => {
    const running = startMurmur(args, { cwd: folder, env })
    t.teardown(() => running.child.kill('SIGKILL'))
    return running
  }
  const murmur = (args: readonly string[], env = connected) => runInProcess(args, { folder, env })
  return { bus, natsUrl: servers.natsUrl, stack, home, folder, bare, start, murmur }
}
