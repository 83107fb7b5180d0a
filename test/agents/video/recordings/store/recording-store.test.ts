import { readdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Clock, systemClock } from '#platform/clock/clock.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import { FolderStore } from '#platform/storage/folder-store.ts'
import { S3Store } from '#platform/storage/s3-store.ts'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { loadRecordingsConfig } from '../../../../../services/agents/video/recordings/recordings-config.ts'
import { RecordingAnswers } from '../../../../../services/agents/video/recordings/service/answer-recordings.ts'
import { archiveSegments } from '../../../../../services/agents/video/recordings/store/archive-segments.ts'
import { CameraRecorder } from '../../../../../services/agents/video/recordings/store/camera-recorder.ts'
import type { RecordingStore } from '../../../../../services/agents/video/recordings/store/recording-store.ts'
import { findS3Server, NO_S3_SERVER, startS3 } from '../../../../support/s3-server.ts'
import { skip } from '../../capture/clips.ts'
import { openStore, SILENT, temporaryFolder } from '../open-store.ts'
import { fragmentedVideo, frameTimes } from '../recorded-video.ts'

const START_MS = 1_790_000_000_000
const DAY_MS = 86_400_000

interface SetClock extends Clock {
  advance(ms: number): void
  /** Somebody sets the clock of the wall. */
  stepWall(ms: number): void
}

function setClock(): SetClock {
  let elapsedMs = 0
  let offMs = 0
  return {
    nowMs: () => START_MS + elapsedMs + offMs,
    monotonicMs: () => elapsedMs,
    sleep: systemClock.sleep,
    advance(ms) {
      elapsedMs += ms
    },
    stepWall(ms) {
      offMs += ms
    },
  }
}

/** Records a stream as a camera gives it: a fragment a second, by a clock of our own. */
async function record(
  store: RecordingStore,
  stream: Buffer,
  {
    session,
    monitor = 'm1',
    onSecond,
  }: { session: string; monitor?: string; onSecond?: (second: number) => void },
  clock: SetClock,
): Promise<void> {
  const files = store.cameraFor('default', 'yard')
  const recorder = new CameraRecorder({
    ...{ files, clock, line: store.line, hasRoom: () => store.hasRoom() },
    ...{ onWritten: () => undefined, onDropped: () => undefined, onState: () => undefined },
  })
  const recording = recorder.session({ monitor, session })
  const pieces = [...fragmentsOf(stream)]
  for (const [second, piece] of pieces.entries()) {
    if (second > 0) {
      clock.advance(1000)
      onSecond?.(second)
    }
    recording.take(piece)
  }
  await recording.end()
}

/** `ftyp` and `moov`, then each `moof` with its `mdat`. */
function* fragmentsOf(stream: Buffer): Generator<Buffer> {
  let from = 0
  for (let at = 0; at < stream.length; ) {
    const size = stream.readUInt32BE(at)
    const type = stream.toString('latin1', at + 4, at + 8)
    at += size
    if (type !== 'moov' && type !== 'mdat') continue
    yield stream.subarray(from, at)
    from = at
  }
}

async function clipOf(store: RecordingStore, fromMs: number, toMs: number) {
  const answers = new RecordingAnswers(store, new Map(), () => performance.now())
  const request = { camera: 'yard', fromMs, toMs }
  const [clip] = await answers.clips('default', request)
  if (!clip) return undefined
  const parts: Buffer[] = []
  for (let offset = 0; offset < clip.bytes; offset += 65_536)
    parts.push(
      await answers.read('default', {
        ...request,
        store: clip.store,
        part: 0,
        etag: clip.etag,
        offset,
        bytes: 65_536,
      }),
    )
  return { clip, file: Buffer.concat(parts) }
}

async function opened(t: Test, more: Partial<Parameters<typeof openStore>[1]> = {}) {
  const clock = setClock()
  const folder = more.folder ?? (await temporaryFolder(t))
  return { clock, folder, store: await openStore(t, { ...more, folder, clock }) }
}

const minute = skip
  ? Promise.resolve(Buffer.alloc(0))
  : fragmentedVideo({ seconds: 130, fps: 2, size: '64x48' })

t.test('a stream lies in minutes, and its index is made again from the files', { skip }, async (t) => {
  const { store, clock, folder } = await opened(t)
  await record(store, await minute, { session: 's1' }, clock)
  const { segments } = store.cameraFor('default', 'yard')
  t.strictSame(
    segments.map(({ streamStartMs, streamEndMs }) => [streamStartMs, streamEndMs]),
    [
      [0, 60_000],
      [60_000, 120_000],
      [120_000, 130_000],
    ],
  )
  for (const [i, { startMs }] of segments.entries())
    t.ok(Math.abs(startMs - START_MS + 1000 - i * 60_000) <= 1000)
  const before = segments.map(({ isActive: _isActive, ...segment }) => segment)
  await store.stop()
  const day = join(folder, 'default', 'yard', (await readdir(join(folder, 'default', 'yard')))[0]!)
  for (const what of ['as it was', 'lost', 'spoilt']) {
    if (what === 'lost') await rm(join(day, 'index.jsonl'))
    if (what === 'spoilt') await writeFile(join(day, 'index.jsonl'), '{"name":"17900000\n\0\0\0{}')
    const again = await openStore(t, { folder, clock })
    const found = again.cameraFor('default', 'yard').segments
    t.strictSame(
      found.map(({ isActive: _isActive, ...segment }) => segment),
      before,
      what,
    )
    t.equal((await clipOf(again, START_MS, START_MS + 200_000))?.clip.frames, 260)
    await again.stop()
  }
})

t.test(
  'the clock of the wall is set, ahead and back: order stays, and nothing is lost',
  { skip },
  async (t) => {
    const { store, clock } = await opened(t)
    await record(
      store,
      await minute,
      {
        session: 's1',
        onSecond: (second) => {
          if (second === 20) clock.stepWall(365 * DAY_MS)
          if (second === 40) clock.stepWall(-366 * DAY_MS)
        },
      },
      clock,
    )
    await store.keep()
    const { segments } = store.cameraFor('default', 'yard')
    t.ok(segments.length >= 4, `${segments.length} segments`)
    t.strictSame(
      segments.toSorted((a, b) => a.lineMs - b.lineMs),
      segments,
    )
    t.ok(segments.every((segment, i) => i === 0 || segment.streamStartMs === segments[i - 1]!.streamEndMs))
    t.ok(segments.at(-1)!.lineMs - segments[0]!.lineMs < 200_000, 'the line of age went on as time did')
    t.ok(
      segments.some(({ startMs }) => startMs > START_MS + 300 * DAY_MS),
      'what was recorded then has its time',
    )
    const { clip, file } = (await clipOf(store, START_MS - 2 * DAY_MS, START_MS + DAY_MS))!
    t.equal((await frameTimes(t, file)).length, clip.frames)
  },
)

t.test('what is kept for how long: nothing seen, something seen, near an event', { skip }, async (t) => {
  const { store, clock } = await opened(t)
  const files = store.cameraFor('default', 'yard')
  await record(store, await minute, { session: 's1' }, clock)
  files.markActive(START_MS + 70_000)
  await files.addEvent(
    { ...cameraEventExample, id: 'e1', camera: 'yard', monitor: 'm1', atMs: START_MS + 125_000 },
    store.line.nowMs(),
  )
  await files.addEvent(
    { ...cameraEventExample, id: 'e2', camera: 'yard', monitor: 'another', atMs: START_MS + 10_000 },
    store.line.nowMs(),
  )
  const kept = () => files.segments.map(({ streamStartMs }) => streamStartMs)
  for (const [days, expected] of [
    [1, [0, 60_000, 120_000]],
    [3, [60_000, 120_000]],
    [8, [120_000]],
    [31, []],
  ] as const) {
    clock.advance(START_MS + days * DAY_MS - clock.nowMs())
    await store.keep()
    t.strictSame(kept(), expected, `${days} days`)
  }
})

t.test('one process has a folder; a process that was killed leaves it at once', { skip }, async (t) => {
  const folder = await temporaryFolder(t)
  const { store } = await opened(t, { folder })
  t.ok(store.isOpen)
  // The process of this note is gone.
  await store.stop()
  await writeFile(
    join(folder, 'owner.json'),
    JSON.stringify({ token: 'x', pid: 2 ** 22 + 5, host: hostname() }),
  )
  const again = await openStore(t, { folder })
  t.equal(again.id, store.id, 'the folder keeps its name')
})

/** What lies near an event is copied, goes here, and is watched from the archive, before and after a restart. */
async function checkArchive(t: Test, archive: () => FileStore): Promise<void> {
  const { store, clock, folder } = await opened(t, {
    archive: archive(),
    limits: { keepMs: { plain: 1, active: 1, alert: 1, detections: DAY_MS } },
  })
  const files = store.cameraFor('default', 'yard')
  await record(store, await minute, { session: 's1' }, clock)
  await files.addEvent(
    { ...cameraEventExample, id: 'e1', camera: 'yard', monitor: 'm1', atMs: START_MS + 125_000 },
    store.line.nowMs(),
  )
  await archiveSegments(store.cameras.values(), store.config.archive!, SILENT)
  clock.advance(1000)
  await store.keep()
  t.match(files.segments, [{ isArchived: true, isLocal: false, streamStartMs: 120_000 }])
  const { clip, file } = (await clipOf(store, START_MS + 122_000, START_MS + 128_000))!
  t.equal((await frameTimes(t, file)).length, clip.frames)
  await store.stop()
  const again = await openStore(t, { folder, archive: archive(), clock })
  t.ok(await clipOf(again, START_MS + 122_000, START_MS + 128_000), 'after a restart too')
}

t.test(
  'an archive in a folder: what lies near events is there when the file here is gone',
  { skip },
  async (t) => {
    const archived = await temporaryFolder(t)
    await checkArchive(t, () => new FolderStore(archived))
  },
)

const s3 = findS3Server()
const skipS3 = skip || (s3 ? false : NO_S3_SERVER)
t.test('an archive in a bucket of a real S3 server, by its settings', { skip: skipS3 }, async (t) => {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = await startS3(t, s3!)
  const settings = {
    MURMUR_RECORDINGS_DIR: '/nowhere',
    MURMUR_RECORDINGS_ARCHIVE: `s3://${bucket}/cameras/north`,
    MURMUR_RECORDINGS_S3_ENDPOINT: endpoint,
    MURMUR_RECORDINGS_S3_REGION: region,
    MURMUR_RECORDINGS_S3_KEY_ID: accessKeyId,
    MURMUR_RECORDINGS_S3_SECRET: secretAccessKey,
  }
  await checkArchive(t, () => loadRecordingsConfig(settings)!.archive!)
  const store = new S3Store({
    endpoint,
    region,
    bucket,
    accessKeyId,
    secretAccessKey,
    prefix: 'cameras/north/',
  })
  t.match(
    (await store.list('default/yard/')).map(({ key }) => key),
    [/^default\/yard\/\d{4}-\d\d-\d\d\/.+\.mp4$/],
    'under the same names',
  )
  t.strictSame(await store.list('default/other/'), [])
})
