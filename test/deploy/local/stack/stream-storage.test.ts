import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { storageOf, streamStorageGib } from '../../../../deploy/local/stack/stream-storage.ts'

const GIB = 1024 ** 3

t.test('half of what is free and of what streams have already, within reason', async (t) => {
  t.equal(storageOf({ freeBytes: 8 * GIB, usedBytes: 0 }), 4)
  t.equal(
    storageOf({ freeBytes: 4 * GIB, usedBytes: 4 * GIB }),
    4,
    'full streams have the room that they had',
  )
  t.equal(storageOf({ freeBytes: 900 * GIB, usedBytes: 0 }), 40)
  t.equal(storageOf({ freeBytes: 0, usedBytes: 0 }), 0.05)
})

t.test('of a home, new or with data', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'murmur-home-'))
  t.teardown(() => rmSync(home, { recursive: true, force: true }))
  const fresh = streamStorageGib(home)
  t.ok(fresh >= 0.05 && fresh <= 40)
  const folder = join(home, 'data', 'nats', 'jetstream', 'streams')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '1.blk'), Buffer.alloc(1024))
  t.ok(streamStorageGib(home) >= 0.05)
})
