import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { JsonValue } from '#schemas/json.ts'
import { saveMonitor } from '../../../services/cli/monitor/save-monitor.ts'
import { alertOf, monitorTask, summaryOf } from '../monitor-fixtures.ts'

const blobOf = (blob: string): BlobRef => ({
  blob,
  size: 3,
  sha256: '0'.repeat(64),
  contentType: 'image/jpeg',
})
/** Gives back the key as content; objects called `gone` are no longer there. */
const client = {
  download: async ({ blob }: BlobRef) => {
    if (blob.endsWith('gone')) throw new MurmurError('BLOB_NOT_FOUND', 'gone')
    if (blob.endsWith('away')) throw new MurmurError('UNAVAILABLE', 'away')
    return Buffer.from(blob)
  },
}
const endedWith = (output: unknown) => ({
  ...monitorTask('m-1'),
  output: JSON.parse(JSON.stringify(output)) as JsonValue,
})

t.test('a folder with the summary, the pictures and the clip', async (t) => {
  const home = t.testdir()
  const rule = { ...alertOf('m-1').rule, id: 'a_b-c' }
  const alerts = [
    alertOf('m-1', { snapshot: blobOf('one') }),
    alertOf('m-1', { id: 'a2', severity: 'low', rule, snapshot: blobOf('two') }),
    alertOf('m-1', { id: 'a3' }),
  ]
  const summary = summaryOf({ alerts, clip: blobOf('the-clip') })
  const saved = await saveMonitor({ folder: '/', home }, client, endedWith(summary), undefined)
  const folder = join(home, 'monitors/m-1')
  t.equal(saved.folder, folder)
  t.strictSame(readdirSync(join(folder, 'snapshots')), ['001-critical-gate-access.jpg', '002-low-a_b-c.jpg'])
  t.equal(readFileSync(join(folder, 'snapshots/002-low-a_b-c.jpg'), 'utf8'), 'two')
  t.equal(readFileSync(saved.clip ?? '', 'utf8'), 'the-clip')
  t.equal(saved.snapshots.length, 2)
  t.strictSame(
    JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')),
    JSON.parse(JSON.stringify(summary)),
  )
})

t.test('an object that is gone is left out; a store that is away is told', async (t) => {
  const folder = t.testdir()
  const gone = summaryOf({
    alerts: [alertOf('m-1', { snapshot: blobOf('gone') })],
    clip: blobOf('clip-gone'),
  })
  const saved = await saveMonitor({ folder, home: '/' }, client, endedWith(gone), 'out')
  t.match(saved, { folder: join(folder, 'out'), snapshots: [], clip: undefined })
  const away = summaryOf({ alerts: [alertOf('m-1', { snapshot: blobOf('away') })] })
  await t.rejects(saveMonitor({ folder, home: '/' }, client, endedWith(away), 'out'), { code: 'UNAVAILABLE' })
})

t.test('an output that is no summary is told', async (t) => {
  const saving = saveMonitor({ folder: t.testdir(), home: '/' }, client, endedWith({ a: 1 }), 'out')
  await t.rejects(saving, { code: 'NO_SUMMARY', message: 'monitor m-1 ended without a summary' })
})
