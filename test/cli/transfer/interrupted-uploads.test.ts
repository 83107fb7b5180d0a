import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { openNats } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'
import { startMurmur } from '../run-murmur.ts'

// What a person sees of an upload that is large, over both ways, when it does not come to its end.

const MIB = 1024 * 1024
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_TENANT_OBJECT_BYTES: String(500 * MIB),
})
const { jsm } = await openNats(t, servers.natsUrl)
const stored = async () => (await jsm.streams.info(BUCKET.stream)).state.messages
const folder = t.testdir()
const file = join(folder, 'large.csv')
writeFileSync(file, '')
// Without blocks on the disk, but as long to send as any other.
truncateSync(file, 400 * MIB)

const upload = (where: readonly string[]) =>
  startMurmur([...where, 'upload', file], { cwd: folder, env: { ...process.env, MURMUR_HOME: folder } })

const openEdge = () => startService(t, servers, 'services/edge/main.ts')
const restUrl = (edge: Awaited<ReturnType<typeof openEdge>>) => `http://127.0.0.1:${factsOf(edge).restPort}`

t.test('Ctrl-C leaves nothing behind', async (t) => {
  const edge = await openEdge()
  const before = await stored()
  for (const where of [
    ['--nats', servers.natsUrl],
    ['--edge', restUrl(edge)],
  ] as const) {
    const running = upload(where)
    await until('some of it is there', async () => (await stored()) > before)
    running.child.kill('SIGINT')
    t.equal(await running.ended, 130, where[0])
    t.match(running.err(), /interrupted: nothing of large\.csv is kept/)
    await until('nothing is left', async () => (await stored()) === before)
  }
})

t.test('an edge that goes away in the middle is told, with how far it came', async (t) => {
  const edge = await openEdge()
  const before = await stored()
  const running = upload(['--edge', restUrl(edge)])
  await until('some of it is there', async () => (await stored()) > before)
  edge.kill('SIGKILL')
  t.equal(await running.ended, 4)
  t.match(
    running.err(),
    /large\.csv: the upload broke off after [\d.]+ [KM]iB of 400 MiB and has to begin anew/,
  )
})
