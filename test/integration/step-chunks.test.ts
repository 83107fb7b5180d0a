import type { ChildProcess } from 'node:child_process'
import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { WatchedChunks } from '#schemas/step-chunks.ts'
import { EdgeTransport } from '../../services/cli/client/edge-transport.ts'
import { NatsTransport } from '../../services/cli/client/nats-transport.ts'
import { startMurmur } from '../cli/run-murmur.ts'
import { grpcTransport } from '../edge/conformance/grpc-transport.ts'
import { natsTransport } from '../edge/conformance/nats-transport.ts'
import { restTransport } from '../edge/conformance/rest-transport.ts'
import type { Transport } from '../edge/conformance/transport.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, serverEnv, startService } from '../support/services.ts'
import { ROOT } from '../support/source-files.ts'
import { until } from '../support/until.ts'

// What steps emit, from the process that runs them to those who watch, over every way in.

const AGENT = 'test/support/emitting-agent.ts'
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const edge = await startService(t, servers, 'services/edge/main.ts')
const bus = await openBus(t, servers.natsUrl)
const { restPort, grpcPort } = factsOf(edge)
const restUrl = `http://127.0.0.1:${restPort}`
const transports: Transport[] = [
  await natsTransport(bus, servers.natsUrl),
  restTransport(restUrl),
  grpcTransport(`127.0.0.1:${grpcPort}`),
]
t.teardown(() => Promise.all(transports.map((transport) => transport.close())))

interface Emitting {
  child: ChildProcess
  has(taskId: string, attempt?: number): boolean
  go(taskId: string, attempt?: number): void
}

async function startEmitting(): Promise<Emitting> {
  const notes: { kind: string; taskId: string; attempt: number }[] = []
  // As its own user of NATS, which may do no more than agents do.
  const child = await startService(t, servers, AGENT)
  child.on('message', (note: (typeof notes)[number]) => void notes.push(note))
  return {
    child,
    has: (taskId, attempt = 1) =>
      notes.some((note) => note.kind === 'emitted' && note.taskId === taskId && note.attempt === attempt),
    go: (taskId, attempt = 1) => child.connected && child.send(`go ${taskId} ${attempt}`),
  }
}

let agents = [await startEmitting()]
const untilEmitted = (taskId: string, attempt = 1) =>
  until(`attempt ${attempt} has emitted`, () => agents.some(({ has }) => has(taskId, attempt)), 30_000)
const go = (taskId: string, attempt = 1) => {
  for (const agent of agents) agent.go(taskId, attempt)
}

async function submit(input: object): Promise<string> {
  const steps = [{ id: 'write', agent: 'emitting', input: { before: [], after: [], ...input } }]
  return (await bus.call('submitTask', { type: 'plan', plan: { steps } }, { timeoutMs: 10_000 })).taskId
}

/** Everything that a watcher is told of chunks, put together: the text, and how much was cut. */
function textOf(items: readonly Partial<WatchedChunks>[]) {
  let text = ''
  let cut = 0
  let restarts = 0
  for (const item of items) {
    if (item.restarts) {
      restarts++
      text = ''
    }
    cut += item.cut ?? 0
    for (const chunk of item.chunks ?? []) text += String(chunk)
  }
  return { text, cut, restarts }
}

interface Watching {
  items: WatchedChunks[]
  done: Promise<void>
}

/** As the command line watches: over NATS, and over an edge. */
async function cliWatchers(): Promise<((taskId: string) => Watching)[]> {
  const nats = await NatsTransport.connect({ natsUrl: servers.natsUrl }, systemClock, {})
  const rest = new EdgeTransport({ url: restUrl } as never, systemClock)
  t.teardown(() => Promise.all([nats.close(), rest.close()]))
  return [nats, rest].map((transport) => (taskId: string) => {
    const items: WatchedChunks[] = []
    const watch = async () => {
      for await (const item of transport.watchTask(taskId, new AbortController().signal))
        if (item.kind === 'chunks') items.push(item.chunks)
    }
    return { items, done: watch() }
  })
}
const [overNats, overEdge] = (await cliWatchers()) as [(id: string) => Watching, (id: string) => Watching]

const chunksIn = (items: Awaited<ReturnType<Transport['watch']>>) =>
  items.filter(({ kind }) => kind === 'chunks').map(({ what }) => JSON.parse(what) as WatchedChunks)

t.test(
  'who comes late is told everything from the start, over every transport, and only the output is kept',
  async (t) => {
    const taskId = await submit({ before: ['Sales', 'rose'], after: ['by', '4', '%'] })
    await untilEmitted(taskId)
    const told = new Set<string>()
    const late = transports.map(({ name, watch }) =>
      watch(taskId, undefined, ({ kind }) => void (kind === 'chunks' && told.add(name))),
    )
    const cli = [overNats(taskId), overEdge(taskId)]
    await until(
      'they have been told what was emitted before',
      () => told.size === late.length && cli.every(({ items }) => textOf(items).text === 'Sales rose '),
    )
    go(taskId)
    const whole = { text: 'Sales rose by 4 % ', cut: 0, restarts: 0 }
    for (const [i, items] of (await Promise.all(late)).entries()) {
      t.strictSame(textOf(chunksIn(items)), whole, transports[i]!.name)
      t.equal(items.at(-1)?.what, 'completed', 'and the result at last')
    }
    for (const { items, done } of cli) {
      await done
      t.strictSame(textOf(items), whole)
    }
    const task = await endOfTask(bus, taskId)
    t.match(task.steps.write?.output, { words: 5 })
    t.notMatch(JSON.stringify(task), /Sales rose/)
    const after = await transports[1]!.watch(taskId)
    t.strictSame(chunksIn(after), [], 'of a step that has ended its output is told')
  },
)

t.test('the command line writes text as it comes', async (t) => {
  const taskId = await submit({ before: ['Sales', 'rose'], after: ['by', '4', '%'] })
  await untilEmitted(taskId)
  const env = { PATH: process.env.PATH, ...serverEnv(servers), NO_COLOR: '1' }
  const watching = startMurmur(['watch', taskId], { cwd: ROOT, env })
  await watching.wrote(/write │ Sales rose $/)
  const lines = startMurmur(['watch', taskId, '--json', '--edge', restUrl], { cwd: ROOT, env })
  await lines.wrote(/"chunks":/)
  go(taskId)
  t.equal(await watching.ended, 0)
  t.match(watching.err(), /write │ Sales rose by 4 % \n/)
  t.equal(await lines.ended, 0)
  const told = lines.documents().flatMap(({ chunks }) => (chunks ? [chunks as WatchedChunks] : []))
  t.strictSame(textOf(told), { text: 'Sales rose by 4 % ', cut: 0, restarts: 0 })
})

t.test('a watcher may do without', async (t) => {
  const taskId = await submit({ before: ['a'], after: ['b'] })
  await untilEmitted(taskId)
  const response = await fetch(`${restUrl}/v1/tasks/${taskId}/events?chunks=false`)
  go(taskId)
  const text = await response.text()
  t.match(text, /event: end/)
  t.notMatch(text, /event: chunks/)
  const bad = await fetch(`${restUrl}/v1/tasks/${taskId}/events?chunks=maybe`)
  t.equal(bad.status, 400)
  await bad.body?.cancel()
})

t.test('another attempt starts again, and the watcher is told so', async (t) => {
  const taskId = await submit({ before: ['one'], after: ['two'], firstAttempt: 'retries' })
  await untilEmitted(taskId)
  const watchers = [overNats(taskId), overEdge(taskId)]
  await until('both have the first', () => watchers.every(({ items }) => textOf(items).text === 'one '))
  go(taskId, 1)
  await untilEmitted(taskId, 2)
  go(taskId, 2)
  for (const { items, done } of watchers) {
    await done
    t.strictSame(textOf(items), { text: 'one two ', cut: 0, restarts: 1 })
    t.equal(items.findLast(({ restarts }) => restarts)?.attempt, 2)
  }
})

t.test(
  'an agent that dies takes along what it kept; whoever does the step anew tells it from the start',
  async (t) => {
    const taskId = await submit({ before: ['one'], after: ['two'], firstAttempt: 'dies' })
    await untilEmitted(taskId)
    const watcher = overNats(taskId)
    await until('it has the first', () => textOf(watcher.items).text === 'one ')
    const [first] = agents
    go(taskId)
    await until('the process is gone', () => first!.child.signalCode !== null)
    agents = [await startEmitting()]
    const next = () => [1, 2].find((attempt) => agents[0]!.has(taskId, attempt))
    await until('another process has the step', () => next() !== undefined, 60_000)
    const late = overEdge(taskId)
    await until('who comes late has what that one emits', () => textOf(late.items).text === 'one ')
    // The same attempt that was handed out again, or the next one: by what the orchestrator makes of the death.
    const attempt = next()!
    if (attempt === 1) {
      t.match(watcher.items.at(-1), { restarts: true, delivery: 2 })
      agents[0]!.child.kill('SIGKILL')
      agents = [await startEmitting()]
      await until('the next process has the step', () => next() !== undefined, 60_000)
    }
    go(taskId, next())
    await Promise.all([watcher.done, late.done])
    t.equal(textOf(watcher.items).text, 'one two ')
    t.ok(textOf(watcher.items).restarts >= 1)
    t.equal(textOf(late.items).text, 'one two ')
  },
)

t.test('a watcher that takes nothing holds up nobody, and is told how much it missed', async (t) => {
  const MANY = 60_000
  const taskId = await submit({ before: ['a'], many: MANY, after: ['z'] })
  await untilEmitted(taskId)
  const slow = await fetch(`${restUrl}/v1/tasks/${taskId}/events`)
  const fast = overNats(taskId)
  await until('the fast one has begun', () => textOf(fast.items).text === 'a ')
  go(taskId)
  const task = await endOfTask(bus, taskId, 60_000)
  t.equal(task.status, 'completed', 'the step has ended while the watcher took nothing')
  await fast.done
  const told = textOf(fast.items)
  t.equal(told.cut, 0, 'who takes it is told all of it')
  t.match(told.text, /60000z $/)
  const blocks = (await slow.text()).split('\n\n').filter((block) => block.startsWith('event: chunks'))
  const items = blocks.map((block) => JSON.parse(block.slice(block.indexOf('data: ') + 6)) as WatchedChunks)
  const counted = items.reduce((sum, { chunks, cut = 0 }) => sum + chunks.length + cut, 0)
  t.equal(counted, MANY + 2, 'told and cut are all there is')
})

t.test('who comes after the bound is told how much of the beginning is not kept', async (t) => {
  const taskId = await submit({ before: ['start'], manyBefore: 9000, after: ['end'] })
  await untilEmitted(taskId)
  const watcher = overEdge(taskId)
  await until('it has been told what is kept', () => watcher.items.length > 0)
  go(taskId)
  await watcher.done
  const { text, cut } = textOf(watcher.items)
  t.equal(cut, 9001 - 4096)
  t.match(watcher.items[0], { from: cut + 1, cut })
  t.match(text, /end $/)
})
