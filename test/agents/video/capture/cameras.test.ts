import { type ChildProcess, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { CAPTURE_LIMITS } from '../../../../services/agents/video/capture/limits.ts'
import { openBus } from '../../../support/bus.ts'
import { rtspPython, startRtspServer } from '../../../support/rtsp-server.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'
import { children } from './children.ts'
import { makeFile, picture, skip, tools } from './clips.ts'
import { serveHttp } from './local-http.ts'
import { type Monitor, startMonitor } from './monitor-fixture.ts'

const servers = await withServers(t)
const setup = await openBus(t, servers.natsUrl)
await setup.streams.provision({ partitions: 1, storageBytes: 2 ** 30 })

/** Events that say that this camera is away, or is back, as they are stored. */
function eventsOf(t: Test, camera: string, phase: 'begin' | 'end' = 'begin'): CameraEvent[] {
  const events: CameraEvent[] = []
  const end = setup.subscribe(SUBJECTS.cameraEvents('default', camera), ({ data }) => {
    const event = cameraEventSchema.parse(JSON.parse(Buffer.from(data).toString()))
    if (event.rule.kind === 'camera-offline' && event.state?.phase === phase) events.push(event)
  })
  t.teardown(end)
  return events
}

/** A camera that sends MJPEG for as long as somebody looks. */
async function serveMjpeg(t: Test, fps = 25) {
  const encoders = new Set<ChildProcess>()
  const site = await serveHttp(t, (_request, response: ServerResponse) => {
    const live = ['-re', '-f', 'lavfi', '-i', `testsrc2=s=320x180:r=${fps}`, '-c:v', 'mjpeg', '-q:v', '5']
    const child = spawn(tools!.ffmpeg, ['-v', 'error', ...live, '-f', 'mpjpeg', 'pipe:1'])
    encoders.add(child)
    child.once('exit', () => encoders.delete(child))
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace;boundary=ffmpeg' })
    child.stdout.pipe(response)
    response.once('close', () => child.kill('SIGKILL'))
  })
  const freeze = () => {
    for (const child of encoders) child.kill('SIGSTOP')
  }
  return { ...site, freeze }
}

const rule = (id: string, afterMs: number) => ({ id, kind: 'camera-offline' as const, afterMs })

function fpsOf(monitor: Monitor): number {
  const [first, last] = [monitor.frames[0]!, monitor.frames.at(-1)!]
  return ((last.seq - first.seq) * 1000) / (last.capturedAtMs - first.capturedAtMs)
}

t.test('a duration ends a camera too', { skip }, async (t) => {
  const site = await serveMjpeg(t)
  const source = { kind: 'url', url: `${site.url}/live` } as const
  const monitor = await startMonitor(t, { servers, input: { source, durationMs: 1500, fps: 5 } })
  const outcome = await monitor.outcome
  t.match(outcome, { kind: 'done', output: { ended: 'duration' } })
  t.ok(monitor.frames.length >= 3 && monitor.frames.length <= 9, `${monitor.frames.length} frames`)
})

t.test('frames for tiles that no message has room for fail at once, and say so', { skip }, async (t) => {
  const site = await serveMjpeg(t)
  const source = { kind: 'url', url: `${site.url}/live` } as const
  const monitor = await startMonitor(t, {
    servers,
    inputs: [{ width: 640, height: 640 }],
    model: 'wide',
    input: { source, model: 'wide', tiles: { columns: 2, rows: 2 } },
  })
  t.match(await monitor.outcome, {
    kind: 'fail',
    error: {
      code: 'LIMIT_EXCEEDED',
      message: /frames for 2x2 tiles have 2\.2 MB, NATS takes 1\.0 MB: ask for fewer tiles/,
    },
  })
  t.equal(monitor.frames.length, 0)
})

t.test(
  'a camera whose key frames are far apart is there at once, from the one that it begins with',
  { skip },
  async (t) => {
    const encoders = new Set<ChildProcess>()
    // As cameras send it to whoever connects: a key frame, and then none for longer than anybody waits.
    const site = await serveHttp(t, (_request, response: ServerResponse) => {
      const clip = ['-re', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=10', '-c:v', 'libx264']
      const coding = ['-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '600', '-sc_threshold', '0']
      const child = spawn(tools!.ffmpeg, ['-v', 'error', ...clip, ...coding, '-f', 'mpegts', 'pipe:1'])
      encoders.add(child)
      response.writeHead(200, { 'content-type': 'video/mp2t' })
      child.stdout.pipe(response)
      response.once('close', () => child.kill('SIGKILL'))
    })
    t.teardown(() => {
      for (const child of encoders) child.kill('SIGKILL')
    })
    const source = { kind: 'url', url: `${site.url}/live.ts` } as const
    const monitor = await startMonitor(t, { servers, input: { source, fps: 5, durationMs: 8000 } })
    await monitor.framesSeen(10)
    t.equal(monitor.states.at(-1)?.reconnects, 0)
    t.match(await monitor.outcome, { kind: 'done', output: { ended: 'duration' } })
  },
)

// The others wait most of the time, each for a camera of its own; the longest come first.
t.jobs = 3

t.test('a camera that freezes: offline, one event an outage, another for the next', { skip }, async (t) => {
  const site = await serveMjpeg(t)
  const events = eventsOf(t, 'frozen')
  const source = { kind: 'url', url: `${site.url}/live` } as const
  const input = { source, camera: 'frozen', rules: [rule('away', 1000)] }
  const waits = { ...CAPTURE_LIMITS, cameraStallMs: 3000 }
  const monitor = await startMonitor(t, { servers, input, waits })
  await monitor.framesSeen(10)
  const [first] = monitor.frames
  for (const outage of [1, 2]) {
    site.freeze()
    await until(`event ${outage}`, () => events.length === outage)
    await monitor.state(({ status, reconnects }) => status === 'offline' && reconnects === outage - 1)
    const before = monitor.frames.length
    await monitor.framesSeen(before + 25)
  }
  t.equal(events.length, 2)
  t.match(events[0], {
    camera: 'frozen',
    monitor: first!.monitor,
    tenant: 'default',
    subject: 'camera',
    rule: { id: 'away', kind: 'camera-offline', severity: 'high', cooldownMs: 60_000 },
    message: /^Camera frozen has given no picture for 1 s: /,
    objects: [],
  })
  t.not(events[0]!.id, events[1]!.id)
})

const skipRtsp = skip || (rtspPython === undefined ? 'there is no RTSP server on this machine' : false)

t.test('RTSP: a real server, killed and started again', { skip: skipRtsp }, async (t) => {
  const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-bf', '0']
  const made = await makeFile(t, 'yard.mp4', [
    ...picture({ seconds: 30, fps: 25, size: '640x360' }),
    ...encoded,
  ])
  const server = await startRtspServer(t, made)
  const events = eventsOf(t, 'rtsp')
  const ends = eventsOf(t, 'rtsp', 'end')
  const source = { kind: 'url', url: server.url } as const
  const monitor = await startMonitor(t, {
    servers,
    input: { source, camera: 'rtsp', rules: [rule('away', 1000)] },
  })
  await monitor.framesSeen(40)
  t.ok(Math.abs(fpsOf(monitor) - 10) < 2, `${fpsOf(monitor).toFixed(1)} fps`)
  t.match(await monitor.state(({ status }) => status === 'live'), { source: { width: 640, height: 360 } })

  await server.kill()
  await monitor.state(({ status, reason }) => status === 'offline' && reason !== undefined)
  await until('the event', () => events.length === 1)
  const before = monitor.frames.length
  await server.restart()
  const startedAtMs = performance.now()
  await monitor.framesSeen(before + 10)
  t.ok(
    performance.now() - startedAtMs < 15_000,
    `back after ${Math.round(performance.now() - startedAtMs)} ms`,
  )
  t.equal(events.length, 1)
  await until('it is said to be back', () => ends.length === 2)
  t.ok(
    ends[0]!.state!.sinceMs < events[0]!.state!.sinceMs,
    'the first pictures end what nobody may have heard of',
  )
  t.ok(ends[1]!.state!.sinceMs > events[0]!.state!.sinceMs)
  t.match(ends[1]?.message, /^Camera rtsp gives pictures again, after \d+ s$/)
  monitor.abort('task-ended')
  t.equal((await monitor.outcome).kind, 'retry')
  await until('no ffmpeg is left', () => children(server.url).length === 0)
})

t.test('a camera over HTTP: thinned to 10 a second, wall-clock times, reconnects', { skip }, async (t) => {
  const site = await serveMjpeg(t)
  const events = eventsOf(t, 'mjpeg')
  const source = { kind: 'url', url: `${site.url}/live` } as const
  // What a camera gives can't wait: `complete` means nothing here.
  const input = {
    source,
    camera: 'mjpeg',
    pace: 'complete',
    rules: [rule('away', 1500), rule('long', 60_000)],
  } as const
  const monitor = await startMonitor(t, { servers, input: { ...input, rules: [...input.rules] } })
  await monitor.framesSeen(40)
  t.ok(Math.abs(fpsOf(monitor) - 10) < 1.5, `${fpsOf(monitor).toFixed(1)} fps`)
  t.match(monitor.frames[30], { pace: 'live' })
  for (const frame of monitor.frames) t.equal(frame.atMs, frame.capturedAtMs)
  t.strictSame(events, [])

  site.hangUp()
  await monitor.state(({ status, reason }) => status === 'offline' && /ended/.test(reason ?? ''))
  const before = monitor.frames.length
  await monitor.framesSeen(before + 20)
  await monitor.state(({ status, reconnects }) => status === 'live' && reconnects === 1)
  const { monitor: id, epoch } = monitor.frames[0]!
  t.ok(monitor.frames.every((frame, i) => frame.seq === i + 1 && frame.epoch === epoch))
  t.ok(events.length <= 1, 'at most one event for one outage')
  await monitor.bus.request(SUBJECTS.monitorStop(id), {}, { timeoutMs: 2000 })
  t.match(await monitor.outcome, { kind: 'done', output: { ended: 'stopped', reconnects: 1 } })
})

t.test('an HLS stream from the web', { skip }, async (t) => {
  const list = await makeFile(t, 'list.m3u8', [
    ...picture({ seconds: 4 }),
    '-c:v',
    'mpeg2video',
    '-g',
    '10',
    '-hls_time',
    '1',
    '-hls_list_size',
    '0',
  ])
  const folder = dirname(list)
  const site = await serveHttp(t, ({ url }, response) => {
    readFile(join(folder, (url ?? '').slice(1))).then(
      (bytes) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  const source = { kind: 'url', url: `${site.url}/list.m3u8` } as const
  const monitor = await startMonitor(t, { servers, input: { source, pace: 'complete' } })
  t.match(await monitor.outcome, {
    kind: 'done',
    output: { ended: 'end of source', frames: { decoded: 40 } },
  })
})

t.test('while nobody takes frames they are dropped and counted, and capture goes on', { skip }, async (t) => {
  const own = await withServers(t)
  const site = await serveMjpeg(t)
  const source = { kind: 'url', url: `${site.url}/live` } as const
  const monitor = await startMonitor(t, { servers: own, input: { source } })
  await monitor.framesSeen(10)
  // The connection for frames alone is gone.
  await monitor.frameBus.close()
  const state = await monitor.state(({ frames }) => frames.droppedAtCapture >= 5)
  t.equal(state.status, 'live')
  const { monitor: id } = monitor.frames[0]!
  await monitor.bus.request(SUBJECTS.monitorStop(id), {}, { timeoutMs: 2000 })
  const outcome = await monitor.outcome
  if (outcome.kind !== 'done') return t.fail(outcome.kind)
  const { decoded, droppedAtCapture } = outcome.output.frames
  t.equal(monitor.frames.length + droppedAtCapture, decoded, 'each decoded frame is in exactly one count')
})
