import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultNote } from '../checker/history.ts'
import type { Clients } from '../clients.ts'
import type { Version } from '../process-under-test.ts'
import type { PlannedFault } from '../random-faults.ts'
import type { TcpProxy } from '../tcp-proxy.ts'
import type { World } from '../world.ts'
import { fillLog, fillSteps } from './fill.ts'
import { forge } from './forge.ts'
import { replayLog } from './replay-log.ts'

/** What a fault works on. */
export interface Scene {
  world: World
  clients: Clients
}

type CarryOut = (fault: PlannedFault, scene: Scene) => Promise<Pick<FaultNote, 'copiedAtMs'> | undefined>

/** Carries out a fault from its beginning to its end, and says when both were. */
export async function carryOut(
  fault: PlannedFault,
  scene: Scene,
  hand: () => Promise<Pick<FaultNote, 'inHand' | 'open'>>,
): Promise<FaultNote> {
  const before = await hand()
  const beganAtMs = Date.now()
  const more = await CARRY_OUT[fault.kind](fault, scene)
  return { fault, beganAtMs, endedAtMs: Date.now(), ...before, ...more }
}

const CARRY_OUT: Readonly<Record<PlannedFault['kind'], CarryOut>> = {
  'agent-kill': (fault, scene) => endAndStart('agent', 'SIGKILL', { fault, scene }),
  'agent-stop': (fault, scene) => freeze('agent', { fault, scene }),
  'agent-roll': (fault, scene) => endAndStart('agent', 'SIGTERM', { fault, scene }),
  'orchestrator-kill': (fault, scene) => endAndStart('orchestrator', 'SIGKILL', { fault, scene }),
  'orchestrator-stop': (fault, scene) => freeze('orchestrator', { fault, scene }),
  'orchestrator-roll': (fault, scene) => endAndStart('orchestrator', 'SIGTERM', { fault, scene }),
  scale,
  'nats-kill': async ({ lastsMs }, { world: { servers } }) => {
    await servers.killNats()
    await sleep(lastsMs)
    await servers.restartNats()
    return undefined
  },
  'nats-stop': async ({ lastsMs }, { world: { servers } }) => {
    await servers.killNats('SIGSTOP')
    await sleep(lastsMs)
    await servers.killNats('SIGCONT')
    return undefined
  },
  'nats-stale': (fault, scene) => goBack('nats', fault, scene),
  'redis-kill': async ({ lastsMs }, { world: { servers } }) => {
    await servers.killRedis()
    await sleep(lastsMs)
    await servers.restartRedis()
    return undefined
  },
  'redis-stop': async ({ lastsMs }, { world: { servers } }) => {
    await servers.killRedis('SIGSTOP')
    await sleep(lastsMs)
    await servers.killRedis('SIGCONT')
    return undefined
  },
  'redis-flush': async (_, { world }) => {
    // With the server away just now, when it is there again.
    await untilDone(() => world.redis.flushall())
    return undefined
  },
  'redis-stale': (fault, scene) => goBack('redis', fault, scene),
  // The clock is wrong from the beginning: the world was started so.
  skew: ({ lastsMs }) => sleep(lastsMs, undefined),
  link: harmLink,
  'full-steps': (_, { clients }) => fillSteps(clients).then(() => undefined),
  'full-log': (_, { clients }) => fillLog(clients).then(() => undefined),
  rogue: ({ lastsMs, target }, { world }) => forge(world, lastsMs, target).then(() => undefined),
  replay: (_, { world }) => replayLog(world).then(() => undefined),
  // Who reads what others write comes first: docs/operations.md.
  upgrade: (_, scene) => changeVersion('current', ['orchestrator', 'agent'], scene),
  rollback: (_, scene) => changeVersion('release', ['agent', 'orchestrator'], scene),
}

async function endAndStart(
  role: 'orchestrator' | 'agent',
  signal: 'SIGKILL' | 'SIGTERM',
  { fault, scene }: { fault: PlannedFault; scene: Scene },
): Promise<undefined> {
  const processes = scene.world.of(role)
  const process = processes[fault.target % processes.length]!
  await process.end(signal)
  await sleep(fault.lastsMs)
  await process.start()
}

/** Each in turn, when the one before it is ready. */
async function changeVersion(
  version: Version,
  roles: readonly ('orchestrator' | 'agent')[],
  { world }: Scene,
): Promise<undefined> {
  for (const process of roles.flatMap((role) => world.of(role))) await process.changeTo(version)
}

async function freeze(
  role: 'orchestrator' | 'agent',
  { fault, scene }: { fault: PlannedFault; scene: Scene },
): Promise<undefined> {
  const processes = scene.world.of(role)
  const process = processes[fault.target % processes.length]!
  process.freeze()
  await sleep(fault.lastsMs)
  process.thaw()
}

/** One more of a kind comes, and after a while another one leaves in order, for good. */
async function scale(fault: PlannedFault, { world }: Scene): Promise<undefined> {
  const role = fault.target % 2 === 0 ? 'agent' : 'orchestrator'
  const added = await world.add(role)
  await added.start()
  await sleep(fault.lastsMs)
  const [oldest] = world.of(role)
  world.processes.delete(oldest!.instance)
  await oldest!.end('SIGTERM')
}

/** The data of now are back after a while: what was written in between is gone. */
async function goBack(
  server: 'nats' | 'redis',
  fault: PlannedFault,
  { world }: Scene,
): Promise<{ copiedAtMs: number }> {
  const copiedAtMs = Date.now()
  await world.copyOf(server)
  await sleep(fault.lastsMs)
  await world.restore(server)
  return { copiedAtMs }
}

async function harmLink({ link, target, lastsMs }: PlannedFault, { world }: Scene): Promise<undefined> {
  const proxy = proxyOf(world, link!, target)
  proxy.harm(link!.mode)
  await sleep(lastsMs)
  proxy.heal()
}

function proxyOf(world: World, { from, to }: NonNullable<PlannedFault['link']>, target: number): TcpProxy {
  if (from === 'client') return world.clientLink
  const processes = world.of(from)
  const { links } = processes[target % processes.length]!
  return (to === 'redis' ? links.redis : undefined) ?? links.nats
}

async function untilDone(call: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await call()
      return
    } catch (error) {
      if (tries > 50) throw error
      await sleep(200)
    }
  }
}
