import { createHash } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { encodeCapsule, openCapsule } from '../../../services/orchestrator/history/capsule.ts'
import { decompressFrames } from '../../../services/orchestrator/history/zstd-frames.ts'
import { rawOf } from '../../support/random-log.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const plan = { steps: [{ id: 'a', agent: 'x' }] }
const events = [
  {
    ...rawOf({ kind: 'accepted', body: acceptedTask({ plan }), atMs: 1000, seq: 3 }, 3),
    kind: 'accepted',
    taskId: 'task-1',
  },
  {
    ...rawOf({ kind: 'control', body: { v: 1, taskId: 'task-1', action: 'cancel' }, atMs: 2000, seq: 9 }, 9),
    kind: 'control',
    taskId: 'task-1',
  },
]
const bytes = Buffer.from('an upload')
const ref = {
  blob: 'uploads/1/a.txt',
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  contentType: 'text/plain',
}
const about = { taskId: 'task-1', software: '0.1.0', keepFinishedMs: 1000, events }

t.test('what goes in comes out, with the state of then', async (t) => {
  const gone = { ref: { ...ref, blob: 'uploads/1/gone' }, bytes: undefined }
  const opened = openCapsule(encodeCapsule({ ...about, objects: [{ ref, bytes }, gone] }))
  t.match(opened, {
    taskId: 'task-1',
    software: '0.1.0',
    isSame: true,
    state: { status: 'cancelled', finishedAtMs: 2000 },
  })
  t.strictSame(
    opened.events.map(({ seq, data }) => [seq, Buffer.from(data).toString()]),
    events.map(({ seq, data }) => [seq, Buffer.from(data).toString()]),
  )
  t.strictSame(Buffer.from(opened.objects[0]!.bytes!), bytes)
  t.equal(opened.objects[1]!.bytes, undefined)
})

t.test('what was changed is noticed, what is no capsule or a later one is refused', async (t) => {
  const text = decompressFrames(encodeCapsule({ ...about, objects: [{ ref, bytes }] }), 1e6).toString()
  const open = (changed: string) => openCapsule(zstdCompressSync(changed))
  t.match(open(text.replace('"tenant":"default"', '"tenant":"north"')), { isSame: false })
  const fails = (changed: string, message: RegExp) =>
    t.throws(() => open(changed), { code: 'INVALID_REQUEST', message })
  fails(text.replace('"schemaVersion":1', '"schemaVersion":2'), /version 2/)
  fails(text.replace('"events":2', '"events":7'), /no event/)
  fails(text.replace(bytes.toString('base64'), Buffer.from('anything').toString('base64')), /checksum/)
  fails('{}', /no capsule/)
  t.throws(() => openCapsule(Buffer.from('nothing')), { code: 'INVALID_REQUEST' })
  t.throws(() => encodeCapsule({ ...about, events: [], objects: [] }), { code: 'INTERNAL' })
})
