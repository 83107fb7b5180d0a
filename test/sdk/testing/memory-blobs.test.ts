import t from 'tap'
import {
  createMemoryBlobs,
  isMemoryBlobs,
  MemoryObjects,
} from '../../../services/sdk/testing/memory-blobs.ts'

const about = { contentType: 'text/plain', name: 'a.txt' }

t.test('objects under their folder, with what a reference has', async (t) => {
  const objects = new MemoryObjects()
  const ref = await objects.put('tasks/a/b', Buffer.from('one'), about)
  t.match(ref, { blob: /^tasks\/a\/b\/0-/, size: 3, ...about })
  t.equal(Buffer.from(await objects.get(ref)).toString(), 'one')
  const again = await objects.put('tasks/a/b', Buffer.from('one'), about)
  t.not(again.blob, ref.blob, 'each has a key of its own')
  const kept = await objects.keep('x', Buffer.from('two'), about)
  t.strictSame(await objects.keep('x', Buffer.from('two'), about), kept, 'what is kept is kept once')
})

t.test('the checks of the real store', async (t) => {
  const objects = new MemoryObjects()
  const ref = await objects.put('x', Buffer.from('one'), about)
  await t.rejects(objects.get({ ...ref, blob: 'other' }), { code: 'BLOB_NOT_FOUND' })
  await t.rejects(objects.get(ref, { maxBytes: 2 }), { code: 'LIMIT_EXCEEDED' })
  await t.rejects(objects.stream({ ...ref, sha256: 'a'.repeat(64) }).next(), { code: 'BLOB_CORRUPT' })
  t.ok(isMemoryBlobs(createMemoryBlobs(objects)))
  t.notOk(isMemoryBlobs({ ...createMemoryBlobs(objects) }))
})
