import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findLocalStack, STACK_HOME_FILE } from '#platform/config/local-stack.ts'

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
