import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  findRunningStack,
  removeStackNote,
  writeStackNote,
} from '../../../../deploy/local/stack/stack-note.ts'

const stack = { natsUrl: 'nats://a:b@h:1', redisUrl: 'redis://h:2', startedAtMs: 7, services: [] }

t.test('a stack is found by its note while its process runs', async (t) => {
  const home = t.testdir({})
  t.equal(findRunningStack(home), undefined)
  writeStackNote(home, { ...stack, services: [{ name: 'edge', pid: 1, restUrl: 'http://h:3' }] })
  t.match(findRunningStack(home), {
    ...stack,
    pid: process.pid,
    services: [{ name: 'edge', pid: 1, restUrl: 'http://h:3' }],
    owner: { pid: process.pid },
  })
  const file = join(home, 'run', 'stack.json')
  t.equal(statSync(file).mode & 0o077, 0, 'URLs hold passwords')
  removeStackNote(home)
  removeStackNote(home)
  t.notOk(existsSync(file))
})

t.test('a note of a process that is gone, and a torn one, name no stack', async (t) => {
  const home = t.testdir({})
  writeStackNote(home, stack)
  const file = join(home, 'run', 'stack.json')
  const note = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...note, owner: { ...note.owner, startedAt: '1' } }))
  t.equal(findRunningStack(home), undefined, 'the pid belongs to another process now')
  writeFileSync(file, JSON.stringify(note).slice(0, 40))
  t.equal(findRunningStack(home), undefined)
})
