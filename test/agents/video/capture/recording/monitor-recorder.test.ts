import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { cameraEventExample } from '#schemas/camera-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { scanSegment } from '../../../../../services/agents/video/recordings/media/scan-segment.ts'
import { RecordingAnswers } from '../../../../../services/agents/video/recordings/service/answer-recordings.ts'
import type { RecordingStore } from '../../../../../services/agents/video/recordings/store/recording-store.ts'
import { rtspPython, startRtspServer } from '../../../../support/rtsp-server.ts'
import { withServers } from '../../../../support/servers.ts'
import { until } from '../../../../support/until.ts'
import { openStore, temporaryFolder } from '../../recordings/open-store.ts'
import { frameTimes } from '../../recordings/recorded-video.ts'
import { children } from '../children.ts'
import { makeFile, picture, skip, tools } from '../clips.ts'
import { startMonitor } from '../monitor-fixture.ts'

const servers = await withServers(t)
const execute = promisify(execFile)
const skipRtsp = skip || (rtspPython === undefined ? 'there is no RTSP server on this machine' : false)
const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-bf', '0']

async function startCamera(t: Test, more: readonly string[] = H264) {
  const clip = await makeFile(t, 'yard.mp4', [...picture({ seconds: 40, fps: 25, size: '640x360' }), ...more])
  return startRtspServer(t, clip)
}

function answersOf(store: RecordingStore, states = new Map<string, string | undefined>()) {
  return new RecordingAnswers(store, states, () => performance.now())
}

async function clipOf(store: RecordingStore, request: { camera: string; fromMs: number; toMs: number }) {
  const answers = answersOf(store)
  const [clip] = await answers.clips('default', request)
  if (!clip) throw new Error('there is no clip')
  const parts: Buffer[] = []
  for (let offset = 0; offset < clip.bytes; offset += 200_000)
    parts.push(await answers.read('default', { ...request, ...clip, ...request, offset, bytes: 200_000 }))
  return { clip, file: Buffer.concat(parts) }
}

t.test(
  'RTSP: recorded over the one connection there is, and what was raised is kept',
  { skip: skipRtsp },
  async (t) => {
    const server = await startCamera(t)
    const store = await openStore(t, { folder: await temporaryFolder(t) })
    const states = new Map<string, string | undefined>()
    const monitor = await startMonitor(t, {
      servers,
      input: { source: { kind: 'url', url: server.url }, camera: 'rec1' },
      recordings: { store, states },
    })
    await monitor.framesSeen(45)
    t.equal(children(server.url).length <= 1, true)
    const [first] = monitor.frames
    const at = monitor.frames[25]!
    const event = { ...cameraEventExample, id: 'e1', camera: 'rec1', monitor: first!.monitor, atMs: at.atMs }
    monitor.bus.publishCore(SUBJECTS.cameraEvents('default', 'rec1'), JSON.stringify(event))
    const files = () => store.cameras.get('default/rec1')
    await until('the event is kept', () => files()?.segments[0]?.isHeld === true)
    t.match(answersOf(store, states).list('default', undefined), [
      { camera: 'rec1', isRecording: true, segments: 1 },
    ])
    // While it is being written it can be shown.
    const { clip, file } = await clipOf(store, {
      camera: 'rec1',
      fromMs: at.atMs - 1000,
      toMs: at.atMs + 1000,
    })
    t.match(clip, { codec: 'avc1', width: 640, height: 360, gaps: [] })
    t.ok(clip.fromMs <= at.atMs - 1000 && clip.fromMs > at.atMs - 2600, `${at.atMs - clip.fromMs} ms before`)
    const times = await frameTimes(t, file)
    t.equal(times.length, clip.frames)
    const [seconds, rate] = [times.at(-1)! - times[0]!, (times.length - 1) / (times.at(-1)! - times[0]!)]
    t.ok(seconds >= 1.5 && Math.abs(rate - 25) < 1, `${seconds} s at ${rate} a second`)
    monitor.abort('task-ended')
    await monitor.outcome
    t.match(files()?.segments, [{ isOpen: false, codec: 'avc1', isHeld: true }])
    const { events, spans } = await answersOf(store).timeline('default', {
      camera: 'rec1',
      fromMs: first!.atMs - 60_000,
      toMs: at.atMs + 60_000,
    })
    t.match(events, [{ id: 'e1', rule: 'gate-access', atMs: at.atMs }])
    t.match(spans, [{ monitor: first!.monitor, codec: 'avc1', width: 640 }])
    t.strictSame(answersOf(store).list('acme', undefined), [], 'another tenant has nothing here')
  },
)

t.test(
  'a camera that is away and comes back: two sessions, one clip with a gap',
  { skip: skipRtsp },
  async (t) => {
    const server = await startCamera(t)
    const store = await openStore(t, { folder: await temporaryFolder(t) })
    const monitor = await startMonitor(t, {
      servers,
      input: { source: { kind: 'url', url: server.url }, camera: 'rec2' },
      recordings: { store, states: new Map() },
    })
    await monitor.framesSeen(30)
    await server.kill()
    await monitor.state(({ status }) => status === 'offline')
    await server.restart()
    await monitor.framesSeen(70)
    monitor.abort('task-ended')
    await monitor.outcome
    const segments = store.cameras.get('default/rec2')?.segments ?? []
    t.equal(new Set(segments.map(({ session }) => session)).size, 2)
    const [from, to] = [segments[0]!.startMs, segments.at(-1)!.endMs]
    const { clip, file } = await clipOf(store, { camera: 'rec2', fromMs: from, toMs: to })
    t.equal(clip.gaps.length, 1)
    t.equal((await frameTimes(t, file)).length, clip.frames, 'every frame of both, and none is damaged')
    for (const segment of segments) {
      const alone = await readFile(store.cameras.get('default/rec2')!.pathOf(segment))
      const { fragments } = (await scanSegment(async (at, bytes) => alone.subarray(at, at + bytes)))!
      t.ok(fragments[0]!.isKey, `${segment.name} begins with a key frame`)
      const frames = fragments.reduce((sum, fragment) => sum + fragment.frames, 0)
      t.equal((await frameTimes(t, alone)).length, frames, 'and can be decoded by itself')
    }
  },
)

t.test('what no file can hold does not keep a camera from being watched', { skip: skipRtsp }, async (t) => {
  const store = await openStore(t, { folder: await temporaryFolder(t) })
  const states = new Map<string, string | undefined>()
  const source = { kind: 'url', url: (await startCamera(t)).url } as const
  const off = { servers, input: { source, camera: 'rec3', record: false }, recordings: { store, states } }
  const monitor = await startMonitor(t, off)
  await monitor.framesSeen(10)
  t.equal(states.size, 0)
  t.equal(store.cameras.size, 0)
})

const canMount = process.getuid?.() === 0
const skipDisk = skipRtsp || (canMount ? false : 'only root can make a disk to fill')

t.test(
  'a disk that is full: the camera goes on, the oldest goes, and recording too',
  { skip: skipDisk },
  async (t) => {
    const server = await startCamera(t)
    const folder = await temporaryFolder(t)
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder])
    t.teardown(() => execute('umount', ['-l', folder]))
    const store = await openStore(t, { folder, limits: { freeBytes: 4096 } })
    const states = new Map<string, string | undefined>()
    const monitor = await startMonitor(t, {
      servers,
      input: { source: { kind: 'url', url: server.url }, camera: 'full' },
      recordings: { store, states },
    })
    await monitor.framesSeen(20)
    // Somebody else fills the disk.
    await execute('dd', ['if=/dev/zero', `of=${folder}/ballast`, 'bs=64k']).catch(() => undefined)
    await until('recording stops, with its reason', () =>
      /nothing is recorded/.test(states.get('default/full') ?? ''),
    )
    const before = monitor.frames.length
    await monitor.framesSeen(before + 20)
    t.equal(monitor.states.at(-1)?.status, 'live')
    t.equal(monitor.states.at(-1)?.reconnects, 0)
    await execute('rm', [`${folder}/ballast`])
    await until(
      'it is recorded again',
      () => states.has('default/full') && states.get('default/full') === undefined,
    )
    const newest = () => store.cameras.get('default/full')?.segments.at(-1)
    await until('there is a new segment', () => newest()?.isOpen === true && newest()!.bytes > 100_000)
    monitor.abort('task-ended')
    await monitor.outcome
    const segments = store.cameras.get('default/full')?.segments ?? []
    const { clip, file } = await clipOf(store, {
      camera: 'full',
      fromMs: Math.min(...segments.map(({ startMs }) => startMs)),
      toMs: Math.max(...segments.map(({ endMs }) => endMs)),
    })
    t.equal((await frameTimes(t, file)).length, clip.frames, 'what was written is whole')
  },
)
t.ok(tools !== undefined || skip)
