import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { GUARDS, type Guard, type GuardedStack, startGuarded } from './accounts/guarded-servers.ts'
import { cpuSeconds, middleOf, percentileOrNaN, round } from './bench/measure.ts'
import { runSaturated } from './bench/product.ts'

/**
 * `npm run bench:accounts`: what users, accounts of their own for agents, and keys of the platform cost, in throughput and in the processor time
 * of each process. The same product stands once behind each guard, and they take turns under the same load, in another order each turn, so
 * that the machine is the same for all; each is compared with its neighbour without users. With --json the last line of the output is the
 * result. With --profiles FOLDER each nats-server is profiled in one more turn (`go tool pprof`).
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    tasks: { type: 'string', default: '5000' },
    underWay: { type: 'string', default: '1000' },
    turns: { type: 'string', default: '8' },
    /** Which of them, beside `none`. */
    guards: { type: 'string', default: GUARDS.slice(1).join(',') },
    profiles: { type: 'string' },
  },
})
const [tasks, underWay, turns] = [values.tasks, values.underWay, values.turns].map(Number) as [
  number,
  number,
  number,
]
const guards = GUARDS.filter((guard) => guard === 'none' || values.guards.split(',').includes(guard))
const FIRST_PROFILE_PORT = 13_971
const PROFILE_SECONDS = 5

type Measured = Record<'perSecond' | 'cpuUs' | keyof GuardedStack['pids'] | 'messages' | 'bytes', number>

const say = (line: string) => process.stderr.write(`${line}\n`)
const found = new Map<Guard, Measured[]>(guards.map((guard) => [guard, []]))
const stacks: GuardedStack[] = []
try {
  for (const [i, guard] of guards.entries())
    stacks.push(
      await startGuarded(
        guard,
        () => undefined,
        values.profiles === undefined ? undefined : FIRST_PROFILE_PORT + i,
      ),
    )
  // Fresh processes measure how they are compiled.
  for (const { product } of stacks) for (let i = 0; i < 2; i++) await runSaturated(product, tasks, underWay)
  for (let turn = 0; turn < turns; turn++) {
    const order = [...stacks.slice(turn % stacks.length), ...stacks.slice(0, turn % stacks.length)]
    if (turn % 2 === 1) order.reverse()
    for (const stack of order) found.get(stack.guard)!.push(await measureTurn(stack))
  }
  if (values.profiles !== undefined) for (const stack of stacks) await profile(stack, values.profiles)
  const result = Object.fromEntries(guards.map((guard) => [guard, { ...figuresOf(guard), ...costOf(guard) }]))
  for (const [guard, figures] of Object.entries(result)) say(`${guard}: ${JSON.stringify(figures)}`)
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  for (const stack of stacks) await stack.stop()
}

async function measureTurn(stack: GuardedStack): Promise<Measured> {
  const before = await counted(stack)
  const perSecond = await runSaturated(stack.product, tasks, underWay)
  const after = await counted(stack)
  const a = (key: keyof typeof after) => round((after[key] - before[key]) / tasks, 1)
  const cpu = { orchestrator: a('orchestrator'), agents: a('agents'), nats: a('nats'), redis: a('redis') }
  const cpuUs = round(cpu.orchestrator + cpu.agents + cpu.nats + cpu.redis, 0)
  return { perSecond, cpuUs, ...cpu, messages: a('messages'), bytes: a('bytes') }
}

/** Microseconds of the processor, and what went through nats-server in both directions. */
async function counted({ pids, monitorUrl }: GuardedStack) {
  const { in_msgs, out_msgs, in_bytes, out_bytes } = (await (
    await fetch(`${monitorUrl}/varz`)
  ).json()) as Record<'in_msgs' | 'out_msgs' | 'in_bytes' | 'out_bytes', number>
  const us = (pid: number) => cpuSeconds(pid) * 1e6
  return {
    orchestrator: us(pids.orchestrator),
    agents: us(pids.agents),
    nats: us(pids.nats),
    redis: us(pids.redis),
    messages: in_msgs + out_msgs,
    bytes: in_bytes + out_bytes,
  }
}

function figuresOf(guard: Guard): Measured {
  const all = found.get(guard)!
  const of = (key: keyof Measured) => [key, middleOf(all.map((one) => one[key]))]
  return Object.fromEntries((Object.keys(all[0]!) as (keyof Measured)[]).map(of))
}

/** Against the neighbour without users, in percent: the middle of all turns, and between what each half of them lies. */
function costOf(guard: Guard) {
  const ratios = (key: keyof Measured) =>
    found
      .get(guard)!
      .map((one, turn) => one[key] / found.get('none')![turn]![key])
      .sort((a, b) => a - b)
  const percent = (ratio: number) => round((ratio - 1) * 100)
  const [speed, cpu] = [ratios('perSecond'), ratios('cpuUs')]
  const quartiles = (of: number[]) => [0.25, 0.75].map((share) => percent(percentileOrNaN(of, share)))
  return {
    throughputPercent: percent(middleOf(speed)),
    throughputQuartiles: quartiles(speed),
    cpuPercent: percent(middleOf(cpu)),
    cpuQuartiles: quartiles(cpu),
  }
}

async function profile(stack: GuardedStack, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const port = FIRST_PROFILE_PORT + stacks.indexOf(stack)
  const taken = fetch(`http://127.0.0.1:${port}/debug/pprof/profile?seconds=${PROFILE_SECONDS}`)
  await runSaturated(stack.product, tasks * 4, underWay)
  const file = join(folder, `nats-${stack.guard}.pprof`)
  writeFileSync(file, new Uint8Array(await (await taken).arrayBuffer()))
  say(`${file}`)
}
