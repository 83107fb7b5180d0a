import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { PlatformKeys } from '#platform/config/platform-keys.ts'
import { SealedRecords } from '#platform/nats/sealed-records.ts'
import { createPayloadCodec, type PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { stepResultExample } from '#schemas/step-message.ts'
import { isTerminal } from '#schemas/task.ts'
import { ArchiveReader } from '../../../services/orchestrator/history/archive-reader.ts'
import { listArchived } from '../../../services/orchestrator/history/archived-list.ts'
import { decodeArchived } from '../../../services/orchestrator/history/archived-parts.ts'
import { lineOpener } from '../../../services/orchestrator/history/archived-payloads.ts'
import { encodeCapsule, openCapsule } from '../../../services/orchestrator/history/capsule.ts'
import { readSegment } from '../../../services/orchestrator/history/segment-reader.ts'
import { stateHash } from '../../../services/orchestrator/history/state-hash.ts'
import { decompressFrames } from '../../../services/orchestrator/history/zstd-frames.ts'
import type { RawEvent } from '../../../services/orchestrator/partition/decode-event.ts'
import { ArchivableLog, archived, startArchiver, statesOf } from '../../support/archived-log.ts'
import { MemoryFileStore } from '../../support/memory-file-store.ts'
import { logArbitrary, rawOf } from '../../support/random-log.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const KEEP_MS = 86_400_000
const MARKER = 'zQmarkerOfAPayload7Kx'
const keyOf = (id: string) => ({ id, tenant: '*', key: new Uint8Array(randomBytes(32)) })
const first = keyOf('first')
const codec = createPayloadCodec([first])
const other = keyOf('other')
const others = createPayloadCodec([other])
const keys = new PlatformKeys(['k'.repeat(32)], 0)
const records = new SealedRecords({ keys, codec })
const refuses = (code: string) => ({ code })

/** A message as it is stored, with the seal of the platform and with its payload encrypted. */
function stored(raw: RawEvent, about: { tenant: string; taskId: string }, by = records): RawEvent {
  const data = by.sealed(raw.subject, Buffer.from(raw.data).toString(), about)
  return { ...raw, data: Buffer.from(data) }
}

/** Everything that the archive is, decompressed. */
const everything = (store: MemoryFileStore) =>
  [...store.files].map(([key, { bytes }]) =>
    key.endsWith('.zst') ? decompressFrames(bytes, 1e9).toString() : Buffer.from(bytes).toString(),
  )

const plan = { steps: [{ id: 'a', agent: 'x' }] }
const accepted = (seq: number, taskId = 'task-1') => {
  const body = acceptedTask({ plan, taskId, input: { text: MARKER }, labels: { of: `l${MARKER}` } })
  return rawOf({ kind: 'accepted', body, atMs: 1000 + seq, seq }, seq)
}
const failed = (seq: number, taskId = 'task-1') => {
  const outcome = { kind: 'fail' as const, error: { code: 'NO_LUCK', message: `no ${MARKER}` } }
  const body = { ...stepResultExample, taskId, stepId: 'a', attempt: 1, outcome }
  return rawOf({ kind: 'result', agent: 'x', body, atMs: 1000 + seq, seq }, seq)
}
const about = (taskId = 'task-1') => ({ tenant: 'default', taskId })

/** An archive of these messages, by a process with these keys. */
async function archiveOf(messages: RawEvent[], by: SealedRecords, its: PayloadCodec | undefined) {
  const store = new MemoryFileStore()
  const log = new ArchivableLog()
  log.opened = (message) => by.opened(message)
  log.push(...messages)
  const started = startArchiver(log, store, { codec: its, reopen: (message) => by.opened(message) })
  await started.upTo(messages.at(-1)!.seq)
  await started.archiver.stop()
  return { store, log }
}

t.test('any encrypted log: the archive has what is stored, and comes to the states of the log', async (t) => {
  await fc.assert(
    fc.asyncProperty(logArbitrary, async (plain) => {
      const tenants = new Map<string, string>()
      const messages = plain.map((raw) => {
        const text = Buffer.from(raw.data).toString()
        if (text.includes('\n')) return raw
        const { taskId, tenant } = JSON.parse(text) as { taskId: string; tenant?: string }
        if (tenant !== undefined) tenants.set(taskId, tenant)
        return stored(raw, { taskId, tenant: tenants.get(taskId) ?? 'default' })
      })
      const { store } = await archiveOf(messages, records, codec)
      const { events, reader } = await archived(store, KEEP_MS, codec)
      t.strictSame(
        events.map(({ seq, stored, data }) => [seq, Buffer.from(stored ?? data)]),
        messages.map(({ seq, data }) => [seq, Buffer.from(data)]),
      )
      const texts = everything(store)
      const hidden = (what: string) => t.notOk(texts.some((text) => text.includes(what)))
      for (const [id, state] of statesOf(plain, KEEP_MS)) {
        if (!state || !isTerminal(state.status)) continue
        hidden(stateHash(state))
        hidden(JSON.stringify(state.plan))
        t.equal(stateHash((await reader.findTask(id))!), stateHash(state))
        const ends = events.filter(({ taskId, ends }) => taskId === id && ends !== undefined)
        t.match(ends, [{ stateHash: stateHash(state), sealedHash: /^first\./ }])
      }
    }),
    { numRuns: 15 },
  )
})

t.test('nothing of a payload is in any file; with its key all of it is read', async (t) => {
  const messages = [stored(accepted(1), about()), stored(failed(2), about())]
  const { store } = await archiveOf(messages, records, codec)
  t.strictSame(
    everything(store).filter((text) => text.includes(MARKER)),
    [],
  )
  const { reader, chain } = await archived(store, KEEP_MS, codec)
  t.match(await reader.findTask('task-1'), {
    input: { text: MARKER },
    labels: { of: `l${MARKER}` },
    error: { message: new RegExp(MARKER) },
  })
  const listing = { tenant: 'default', after: undefined, untilMs: undefined }
  const list = async (of: typeof reader, request: object = {}) =>
    (await listArchived(of, { ...listing, request: { limit: 10, ...request } })).found
  const error = { code: 'NO_LUCK', message: new RegExp(MARKER) }
  t.match(await list(reader), [{ id: 'task-1', status: 'failed', labels: { of: `l${MARKER}` }, error }])
  t.equal((await list(reader, { labels: { of: `l${MARKER}` } })).length, 1)
  t.equal((await list(reader, { labels: { of: 'other' } })).length, 0)

  for (const its of [undefined, others]) {
    const lost = new ArchiveReader({
      store,
      clock: { monotonicMs: () => 0 },
      keepFinishedMs: KEEP_MS,
      codec: its,
    })
    await t.rejects(lost.findTask('task-1'), refuses('PAYLOAD_KEY_MISSING'))
    t.match(await list(lost), [{ id: 'task-1', status: 'failed', labels: undefined, error: undefined }])
    t.throws(
      () => readSegment(store.files.get(chain[0]!.data.key)!.bytes, 'it', lineOpener(its)),
      refuses('PAYLOAD_KEY_MISSING'),
    )
  }
  const { data } = chain[0]!
  const file = decompressFrames(store.files.get(data.key)!.bytes, 1e9).toString()
  const line = file.split('\n').find((one) => one.includes('"kind":"accepted"'))!
  t.match(JSON.parse(line), { event: { v: 3, tenant: 'default', sealed: /^first\./ } }, 'others see this')
})

t.test('an encrypted event that was changed or moved in the archive is refused by its name', async (t) => {
  const open = lineOpener(codec)
  const line = { ...stored(accepted(1), about()), kind: 'accepted', taskId: 'task-1' }
  t.match(open(line), { stored: line.data, data: Buffer })
  t.throws(() => open({ ...line, subject: 'log.0.control' }), refuses('PAYLOAD_UNREADABLE'))
  const text = Buffer.from(line.data).toString()
  const changed = Buffer.from(text.replace(/.{8}","seal":/, 'AAAAAAAA","seal":'))
  t.notSame(changed, Buffer.from(line.data))
  t.throws(() => open({ ...line, data: changed }), refuses('PAYLOAD_UNREADABLE'))
})

t.test('a capsule of an encrypted task holds what is encrypted, and opens with the keys', async (t) => {
  const { store } = await archiveOf(
    [stored(accepted(1), about()), stored(failed(2), about())],
    records,
    codec,
  )
  const { events } = await archived(store, KEEP_MS, codec)
  const bytes = Buffer.from(`an object with ${MARKER}`)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const ref = { blob: 'tasks/1', size: bytes.length, sha256, contentType: 'text/plain', name: MARKER }
  const gone = { ref: { ...ref, blob: 'tasks/2' }, bytes: undefined }
  const its = { taskId: 'task-1', software: 'x', keepFinishedMs: KEEP_MS, events }
  const file = encodeCapsule({ ...its, objects: [{ ref, bytes }, gone] }, codec)
  const text = decompressFrames(file, 1e9).toString()
  for (const what of [MARKER, sha256, bytes.toString('base64'), events.at(-1)!.stateHash!])
    t.notMatch(text, what)
  const opened = openCapsule(file, codec)
  t.match(opened, { isSame: true, state: { status: 'failed', input: { text: MARKER } } })
  t.equal(opened.stateHash, events.at(-1)!.stateHash)
  t.strictSame(Buffer.from(opened.objects[0]!.bytes!), bytes)
  t.match(opened.objects[1], { ref: gone.ref, bytes: undefined })
  t.strictSame(encodeCapsuleAgain(opened), opened.events.map(bytesOf), 'and is written again as it was')
  t.throws(() => openCapsule(file), refuses('PAYLOAD_KEY_MISSING'))
  t.throws(() => openCapsule(file, others), refuses('PAYLOAD_KEY_MISSING'))
  t.throws(() => encodeCapsule({ ...its, objects: [] }), refuses('PAYLOAD_KEY_MISSING'))

  function bytesOf({ stored, data }: RawEvent) {
    return Buffer.from(stored ?? data)
  }
  function encodeCapsuleAgain({ taskId, software, keepFinishedMs, events: of }: typeof opened) {
    const again = encodeCapsule({ taskId, software, keepFinishedMs, events: of, objects: [] }, codec)
    return openCapsule(again, codec).events.map(bytesOf)
  }
})

t.test('events that the platform has not written are kept, and are events for nobody', async (t) => {
  const plainRecords = new SealedRecords({ keys, codec: undefined })
  const forgedTask = accepted(1, 'forged')
  const cancel = rawOf(
    { kind: 'control', body: { v: 1, taskId: 'task-1', action: 'cancel' }, atMs: 1003, seq: 3 },
    3,
  )
  const messages = [forgedTask, stored(accepted(2), about(), plainRecords), cancel, failed(4)]
  const { store } = await archiveOf(messages, plainRecords, undefined)
  const { events, reader } = await archived(store, KEEP_MS)
  t.match(
    events.map(({ seq, refused, taskId, ends }) => ({ seq, refused, taskId, ends })),
    [
      { seq: 1, refused: /seal of the platform/, taskId: undefined },
      { seq: 2, refused: undefined, taskId: 'task-1' },
      { seq: 3, refused: /seal of the platform/, taskId: undefined },
      { seq: 4, refused: undefined, taskId: 'task-1', ends: 'failed' },
    ],
  )
  for (const at of [0, 2]) {
    t.strictSame(Buffer.from(events[at]!.data), Buffer.from(messages[at]!.data), 'as it was stored')
    t.match(decodeArchived(events[at]!), { fault: /seal of the platform/ })
  }
  t.match(await reader.findTask('task-1'), { status: 'failed' }, 'it was not cancelled')
  t.equal(await reader.findTask('forged'), undefined)
})

t.test('without its key an event holds up its partition, and it goes on when the key is there', async (t) => {
  const messages = [accepted(1), accepted(2, 'task-2'), stored(accepted(3, 'task-3'), about('task-3'))]
  messages.push(stored(failed(4, 'task-3'), about('task-3')))
  const store = new MemoryFileStore()
  const log = new ArchivableLog()
  let keysNow: PayloadCodec = others
  // As a file of keys: what holds is what it has now.
  const file: PayloadCodec = {
    ...others,
    open: (...of) => keysNow.open(...of),
    seal: (...of) => keysNow.seal(...of),
  }
  const its = new SealedRecords({ keys: undefined, codec: file })
  let tries = 0
  const triedAgain = Promise.withResolvers<void>()
  log.opened = (message) => its.opened(message)
  log.push(...messages)
  const reopen = (message: RawEvent) => {
    if (++tries === 2) triedAgain.resolve()
    return its.opened(message)
  }
  const { archiver, upTo } = startArchiver(log, store, { codec: file, reopen })
  await triedAgain.promise
  const before = await archived(store, KEEP_MS)
  t.strictSame(
    before.events.map(({ seq }) => seq),
    [1, 2],
    'what lies before it is written, and nothing behind it',
  )
  keysNow = codec
  await upTo(4)
  await archiver.stop()
  const { events, reader } = await archived(store, KEEP_MS, codec)
  t.strictSame(
    events.map(({ seq, refused }) => [seq, refused]),
    [1, 2, 3, 4].map((seq) => [seq, undefined]),
  )
  t.match(await reader.findTask('task-3'), { status: 'failed', input: { text: MARKER } })
})

t.test('a result with a key that nobody has stops nothing, and counts for nothing later', async (t) => {
  const lost = stored(failed(2), about(), new SealedRecords({ keys: undefined, codec: others }))
  const cancel = rawOf(
    { kind: 'control', body: { v: 1, taskId: 'task-1', action: 'cancel' }, atMs: 1003, seq: 3 },
    3,
  )
  const messages = [stored(accepted(1), about()), lost, stored(cancel, about())]
  const { store } = await archiveOf(messages, records, codec)
  const both = createPayloadCodec([first, other])
  for (const its of [codec, both]) {
    const { events, reader } = await archived(store, KEEP_MS, its)
    t.match(events[1], { refused: /key "other"/, taskId: undefined })
    t.strictSame(Buffer.from(events[1]!.data), Buffer.from(lost.data))
    t.match(await reader.findTask('task-1'), { status: 'cancelled' })
  }
})
