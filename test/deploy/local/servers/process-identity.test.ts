import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { identifyProcess, isSameProcess } from '../../../../deploy/local/servers/process-identity.ts'

t.test('a process is the same while pid, start and program are', async (t) => {
  const own = identifyProcess(process.pid)!
  t.match(own, { pid: process.pid, startedAt: /\d/, program: /node/ })
  t.ok(isSameProcess(own))
  t.notOk(isSameProcess({ ...own, startedAt: '1' }), 'its pid was given to a later one')
  t.notOk(isSameProcess({ ...own, program: '/bin/other' }))
})

t.test('what has ended, or never was, has no identity', async (t) => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const recorded = identifyProcess(child.pid!)!
  t.equal(recorded.pid, child.pid)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  t.equal(identifyProcess(child.pid!), undefined)
  t.notOk(isSameProcess(recorded))
  t.equal(identifyProcess(2 ** 22 + 1), undefined)
})
