import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SERVICES } from '../../../subjects/operations.ts'
import { checkHistory } from './checker/check-history.ts'
import type { ClientNote, FaultNote, History, Violation } from './checker/history.ts'
import { Clients } from './clients.ts'
import { answerOf, collectHistory } from './collect-history.ts'
import { Dice } from './dice.ts'
import { carryOut } from './faults/carry-out.ts'
import { Journal, readJournal } from './journal.ts'
import type { PlannedTask } from './planned-task.ts'
import type { Version } from './process-under-test.ts'
import {
  drawFaults,
  drawVersionChange,
  type FaultKind,
  LOAD_OF_UPGRADE_MS,
  type PlannedFault,
} from './random-faults.ts'
import { ABSENT_AGENT, drawLoad } from './random-load.ts'
import { countMessages } from './read-stream.ts'
import { World } from './world.ts'

const SLACK_MS = 10_000
const POLL_INTERVAL_MS = 150
const WORK_TIMEOUT_MS = 8000

export interface RunOptions {
  /** Where the folder of the run goes. */
  root: string
  /** Draw faults of this kind only. */
  only?: FaultKind
  /** The sources of the release before: then versions change in the run. */
  releaseRoot?: string
}

/** What came of one seed. */
export interface RunOutcome {
  seed: number
  faults: PlannedFault[]
  history: History
  violations: Violation[]
  /** What is kept of it, when something was wrong. */
  folder: string
  tookMs: number
}

interface Plan {
  seed: number
  tasks: PlannedTask[]
  faults: PlannedFault[]
  orchestrators: number
  agents: number
}

/** Everything that a seed decides. Pure. */
export function drawRun(seed: number, only?: FaultKind, changesVersion = false): Plan {
  const dice = new Dice(seed)
  const [load, trouble] = [dice.split(), dice.split()]
  const faults = changesVersion
    ? drawVersionChange(trouble, seed % 2 === 0 ? 'upgrade' : 'rollback')
    : drawFaults(trouble, only)
  const isCalm = faults.every(({ kind }) => !kind.startsWith('full') && kind !== 'nats-stale')
  return {
    seed,
    faults,
    tasks: drawLoad(load, {
      tasks: dice.between(30, 60) * (changesVersion ? 3 : 1),
      ...(changesVersion && { lastsMs: LOAD_OF_UPGRADE_MS }),
      poison: isCalm && dice.happens(0.07) ? 1 : 0,
      blocking: dice.happens(0.12) ? 1 : 0,
    }),
    orchestrators: dice.between(2, 3),
    agents: dice.between(2, 3),
  }
}

/** One run: a world, a load, faults, their end, the time in which everything has to end, and the judgement. */
export async function runSeed(seed: number, options: RunOptions): Promise<RunOutcome> {
  const beganMs = performance.now()
  const { releaseRoot } = options
  const plan = drawRun(seed, options.only, releaseRoot !== undefined)
  const folder = join(options.root, `seed-${seed}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan, null, 1))
  const world = await World.start({
    folder,
    orchestrators: plan.orchestrators,
    agents: plan.agents,
    storageGib: plan.faults.some(({ kind }) => kind.startsWith('full')) ? 0.05 : 2,
    skewsMs: new Map(
      plan.faults.flatMap(({ skewMs, target }) =>
        skewMs === undefined ? [] : [[target % plan.orchestrators, skewMs]],
      ),
    ),
    release: releaseRoot === undefined ? undefined : { root: releaseRoot, beginsWith: firstVersion(plan) },
    purges: mayPurge(plan),
    // That of the gate, where there is one: the first run would compile everything anew.
    compileCache: process.env.NODE_COMPILE_CACHE ?? join(options.root, 'compile-cache'),
  })
  try {
    const history = await live(world, plan, folder)
    const violations = checkHistory(history)
    writeFileSync(join(folder, 'history.json'), JSON.stringify(history))
    writeFileSync(join(folder, 'violations.json'), JSON.stringify(violations, null, 1))
    const tookMs = performance.now() - beganMs
    return { seed, faults: plan.faults, history, violations, folder, tookMs }
  } finally {
    await world.stop()
  }
}

/**
 * Not with a release before that may have to make a partition again: it needs all of the log. Nor where submissions are written into the log
 * once more past the intake, which is who asks the archive.
 */
function mayPurge({ faults }: Plan): boolean {
  const isBack = faults.some(({ kind }) => kind === 'rollback')
  return !faults.some(({ kind }) => kind === 'replay' || (isBack && kind.startsWith('redis-')))
}

function firstVersion({ faults }: Plan): Version {
  return faults.some(({ kind }) => kind === 'upgrade') ? 'release' : 'current'
}

async function live(world: World, plan: Plan, folder: string): Promise<History> {
  const journal = new Journal<ClientNote>(folder, 'clients')
  const clients = new Clients(world.clientBus, journal)
  await world.bus.request(
    SERVICES.registerAgent,
    { type: ABSENT_AGENT, instance: 'absent-1' },
    { timeoutMs: 5000 },
  )
  const startedAtMs = Date.now()
  const noted = new Journal<FaultNote>(folder, 'faults')
  const carryAll = plan.faults.map(async (fault) => {
    await sleep(fault.atMs)
    await untilWork(() => inHand(world, clients, journal))
    noted.write(await carryOut(fault, { world, clients }, async () => inHand(world, clients, journal)))
  })
  const healing = Promise.all(carryAll).then(async () => {
    await world.heal()
    return Date.now()
  })
  const [healedAtMs] = await Promise.all([healing, clients.run(plan.tasks)])
  await untilEnded(world, plan, healedAtMs)
  const endedAtMs = Date.now()
  return {
    seed: plan.seed,
    tasks: plan.tasks,
    startedAtMs,
    healedAtMs,
    endedAtMs,
    clients: journal.notes,
    faults: noted.notes,
    purges: mayPurge(plan),
    ...(await collectHistory(world)),
  }
}

/** On a busy machine the first task may be late, and a fault that hits nothing shows nothing. */
async function untilWork(poll: () => Pick<FaultNote, 'inHand' | 'open'>): Promise<void> {
  const untilMs = performance.now() + WORK_TIMEOUT_MS
  while (performance.now() < untilMs) {
    const { inHand, open } = poll()
    if (inHand > 0 || open > 0) return
    await sleep(20)
  }
}

/** So that a fault is known to have hit something. */
function inHand(
  world: World,
  clients: Clients,
  journal: Journal<ClientNote>,
): Pick<FaultNote, 'inHand' | 'open'> {
  const open = new Map<string, number>()
  for (const { kind, taskId, stepId, attempt } of readJournal<{
    kind: string
    taskId: string
    stepId: string
    attempt: number
  }>(world.handlersFile)) {
    const key = `${taskId}:${stepId}:${attempt}`
    if (kind === 'start') open.set(key, 1)
    else if (kind === 'end') open.delete(key)
  }
  const seenEnded = new Set(
    journal.notes.flatMap(({ read, taskId }) => (read?.finishedAtMs && taskId ? [taskId] : [])),
  )
  return { inHand: open.size, open: clients.taskIds.filter((id) => !seenEnded.has(id)).length }
}

/** Until every task that the log has accepted is over, or has had its time and ten seconds. */
async function untilEnded(world: World, { faults }: Plan, healedAtMs: number): Promise<void> {
  // Of a log that is full nothing leaves: what came last waits in the durable queue.
  const mayWait = faults.some(({ kind }) => kind.startsWith('full-'))
  const ended = new Set<string>()
  let untilMs = healedAtMs + SLACK_MS
  for (;;) {
    const waiting = await countMessages(world.nc, 'INTAKE')
    const accepted = world.tap.messages.filter(({ subject }) => subject.endsWith('.accepted'))
    const ids = new Set<string>()
    for (const { data, atMs } of accepted) {
      const body = readBody(data)
      if (typeof body?.deadlineMs !== 'number') continue
      ids.add(body.taskId)
      untilMs = Math.max(untilMs, atMs + body.deadlineMs + SLACK_MS)
    }
    const open = [...ids].filter((id) => !ended.has(id))
    await Promise.all(
      open.map(async (id) => {
        const answer = await answerOf(world, id)
        if (answer && typeof answer === 'object' && answer.finishedAtMs !== undefined) ended.add(id)
      }),
    )
    const isTakenIn = waiting === 0 || (mayWait && Date.now() > healedAtMs + SLACK_MS)
    if (ended.size === ids.size && isTakenIn) return
    if (Date.now() > untilMs) return
    await sleep(POLL_INTERVAL_MS)
  }
}

function readBody(data: Uint8Array): { taskId: string; deadlineMs?: unknown } | undefined {
  try {
    return JSON.parse(Buffer.from(data).toString()) as { taskId: string; deadlineMs?: unknown }
  } catch {
    return undefined
  }
}
