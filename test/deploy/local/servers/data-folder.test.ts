import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  claimDataFolder,
  readServersRecord,
  writePrivately,
} from '../../../../deploy/local/servers/data-folder.ts'
import { identifyProcess } from '../../../../deploy/local/servers/process-identity.ts'

const own = identifyProcess(process.pid)!

t.test('a claim records its owner and its servers, and goes when released', async (t) => {
  const folder = join(t.testdir({}), 'data')
  const claim = await claimDataFolder(folder)
  t.strictSame(readServersRecord(folder), { owner: own, servers: [] })
  claim.record([own])
  t.strictSame(readServersRecord(folder), { owner: own, servers: [own] })
  await t.rejects(claimDataFolder(folder), {
    code: 'DATA_IN_USE',
    message: new RegExp(`process ${process.pid}`),
  })
  claim.release()
  claim.release()
  t.notOk(existsSync(join(folder, 'servers.json')))
})

t.test('of two that claim a stale folder one wins', async (t) => {
  const gone = { pid: process.pid, startedAt: '1', program: '/gone' }
  const folder = t.testdir({ 'servers.json': JSON.stringify({ owner: gone, servers: [gone] }) })
  const outcomes = await Promise.allSettled([claimDataFolder(folder), claimDataFolder(folder)])
  t.strictSame(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
  t.strictSame(readServersRecord(folder)?.owner, own)
})

t.test('what is no record names nobody', async (t) => {
  const folder = t.testdir({})
  const file = join(folder, 'servers.json')
  t.equal(readServersRecord(folder), undefined)
  for (const text of [
    '{"owner": {"pid": 1',
    '{}',
    '{"owner":{"pid":"1"},"servers":[]}',
    '{"owner":{"pid":1}}',
  ]) {
    writeFileSync(file, text)
    t.equal(readServersRecord(folder), undefined, text)
  }
})

t.test('a private file stays private, also where an earlier one was open to all', async (t) => {
  const file = join(t.testdir({ secret: 'old' }), 'secret')
  t.not(statSync(file).mode & 0o077, 0)
  writePrivately(file, 'new')
  t.equal(statSync(file).mode & 0o077, 0)
  t.equal(readFileSync(file, 'utf8'), 'new')
})
