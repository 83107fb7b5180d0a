import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../services/platform/clock/clock.ts'
import { findLocalStack, STACK_HOME_FILE } from '../../services/platform/config/local-stack.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { awaitLocalStack } from '../../services/platform/nats/await-local-stack.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { until } from '../support/until.ts'

function note(home: string, agentUrl: string): void {
  mkdirSync(join(home, 'run'), { recursive: true })
  writeFileSync(join(home, 'run', 'stack.json'), JSON.stringify({ agentUrl, pid: 1 }))
}

t.test('where an agent looks for the stack of this machine', async (t) => {
  const folder = t.testdir({ home: {}, project: { '.murmur': {} }, checkout: { '.murmur': {} }, bare: {} })
  const home = join(folder, 'home')
  note(home, 'nats://a:b@127.0.0.1:1')
  note(join(folder, 'checkout', '.murmur'), 'nats://127.0.0.1:2')
  const found = (env: Record<string, string>, at: string) => findLocalStack(env, join(folder, at))?.natsUrl()

  t.equal(found({ MURMUR_HOME: home }, 'bare'), 'nats://a:b@127.0.0.1:1', 'the home that is named')
  t.equal(found({}, 'checkout'), 'nats://127.0.0.1:2', 'the .murmur where it runs')
  t.equal(findLocalStack({}, join(folder, 'bare')), undefined, 'nothing names one')
  t.equal(
    findLocalStack({ MURMUR_HOME: home, MURMUR_NATS_URL: 'nats://c:1' }, folder),
    undefined,
    'an address wins',
  )
  writeFileSync(join(folder, 'project', '.murmur', STACK_HOME_FILE), `${home}\n`)
  t.equal(found({}, 'project'), 'nats://a:b@127.0.0.1:1', 'the home that a project names')
  const stack = findLocalStack({}, join(folder, 'project'))
  rmSync(join(home, 'run'), { recursive: true })
  t.equal(stack?.natsUrl(), undefined, 'none runs')
  note(home, 'not a URL')
  t.equal(stack?.natsUrl(), undefined)
})

t.test('an agent waits for a stack, and fails at once for what waiting does not mend', async (t) => {
  const urls = [undefined, 'nats://old', 'nats://new']
  const stack = { noteFile: 'x', natsUrl: () => urls.shift() }
  const said: unknown[] = []
  const log = {
    debug() {},
    info() {},
    error() {},
    fatal() {},
    warn: (fields: unknown) => said.push(fields),
  } as never
  const connect = async (url: string) => {
    if (url === 'nats://old') throw new MurmurError('UNAVAILABLE', 'gone')
    return url
  }
  t.equal(await awaitLocalStack(stack, connect, { clock: systemClock, log }), 'nats://new')
  t.equal(said.length, 1, 'it says once that it waits')
  const refuse = async () => {
    throw new MurmurError('SERVER_TOO_OLD', 'old')
  }
  await t.rejects(
    awaitLocalStack({ noteFile: 'x', natsUrl: () => 'nats://new' }, refuse, { clock: systemClock, log }),
    { code: 'SERVER_TOO_OLD' },
  )
})

t.test('a connection follows its server to another port and another password', async (t) => {
  const first = await withServers(t)
  const second = await withServers(t)
  let url = first.natsUrlOf('own-agents')
  const bus = await openBus(t, url, { currentUrl: () => url })
  const heard: string[] = []
  bus.subscribe('tasks.events.*.*.failed', ({ subject }) => heard.push(subject))
  await bus.flush()
  await first.killNats()
  await until('the loss is noticed', () => !bus.connected)
  url = second.natsUrlOf('own-agents')
  await until('it is connected again', () => bus.connected)
  const other = await openBus(t, second.natsUrl)
  other.publishCore('tasks.events.plan.t1.failed', '{}')
  await until('subscriptions came along', () => heard.length === 1)
  t.same(heard, ['tasks.events.plan.t1.failed'])
})

t.test('a server at the same address with a new password is not given up', async (t) => {
  const servers = await withServers(t)
  const right = servers.natsUrlOf('own-agents')
  let url: string | undefined = right
  let tries = 0
  const bus = await openBus(t, right, {
    currentUrl: () => url,
    onStatus: (status) => {
      if (status === 'reconnecting') tries++
    },
  })
  // As while a stack starts: NATS is up, its note is the one of the run before.
  url = right.replace(/:[^:@]+@/, ':of-the-run-before@')
  await servers.killNats()
  await until('the loss is noticed', () => !bus.connected)
  await servers.restartNats()
  tries = 0
  await until('it was refused some times', () => tries >= 5)
  t.equal(bus.connected, false)
  url = right
  await until('it is connected again', () => bus.connected)
})
