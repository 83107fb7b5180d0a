import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { CAPTURE_LIMITS } from '../../../../services/agents/video/capture/limits.ts'
import { openBus } from '../../../support/bus.ts'
import { type RtspCameraOptions, startRtspCamera } from '../../../support/rtsp-camera.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'
import { hasX264, jpeg, skip, tools } from './clips.ts'
import { serveHttp } from './local-http.ts'
import { type MonitorOptions, startMonitor } from './monitor-fixture.ts'

const servers = await withServers(t)
const setup = await openBus(t, servers.natsUrl)
await setup.streams.provision({ partitions: 1, storageBytes: 2 ** 30 })
const skipRtsp = skip || ((await hasX264()) ? false : 'this ffmpeg has no libx264')
const JPEG = tools ? await jpeg() : Buffer.alloc(0)
/** What was given up after half a minute is given up after this. */
const waits = { ...CAPTURE_LIMITS, firstConnectMs: 600, cameraStallMs: 15_000 }
/** What takes half a second, on a machine that does much else. */
const PATIENCE_MS = 20_000
const rules = [{ id: 'away', kind: 'camera-offline' as const, afterMs: 500 }]

const cameraOf = (t: Test, options: Partial<RtspCameraOptions> = {}) =>
  startRtspCamera(t, { ffmpeg: tools!.ffmpeg, ...options })

function eventsOf(t: Test, camera: string): CameraEvent[] {
  const events: CameraEvent[] = []
  t.teardown(
    setup.subscribe(SUBJECTS.cameraEvents('default', camera), ({ data }) => {
      events.push(cameraEventSchema.parse(JSON.parse(Buffer.from(data).toString())))
    }),
  )
  return events
}

const monitorOf = (t: Test, url: string, more: Partial<MonitorOptions['input']> = {}) =>
  startMonitor(t, { servers, waits, input: { source: { kind: 'url', url }, rules, ...more } })

t.jobs = 1

t.test(
  'a camera that is still booting is waited for, and everybody is told',
  { skip: skipRtsp },
  async (t) => {
    const camera = await cameraOf(t)
    await camera.kill()
    const events = eventsOf(t, 'booting')
    const monitor = await monitorOf(t, camera.url, { camera: 'booting' })
    const away = await monitor.state(({ status }) => status === 'offline')
    t.match(away.reason, /127\.0\.0\.1 can't be reached: .*ECONNREFUSED/)
    await until('the rule of its absence', () => events.length === 1)
    t.match(events[0], {
      rule: { id: 'away' },
      message: /Camera booting has given no picture for 0\.5 s: .*ECONNREFUSED/,
    })
    // Well beyond what was a mistake in the request before.
    await until('two seconds of waiting', () => monitor.states.length > 3)
    t.equal(monitor.states.at(-1)!.status, 'offline')
    await camera.start()
    await monitor.framesSeen(5)
    t.equal(monitor.states.at(-1)!.status, 'live')
  },
)

t.test(
  'what answers while it starts is waited for, too: RTSP, HTTP and silence',
  { skip: skipRtsp },
  async (t) => {
    let status = 503
    const camera = await cameraOf(t, { describe: () => status })
    let isUp = false
    const site = await serveHttp(t, (_request, response) => {
      if (!isUp) response.writeHead(404).end('starting')
      else {
        response.writeHead(200, { 'content-type': 'image/jpeg' }).end(JPEG)
      }
    })
    const rtsp = await monitorOf(t, camera.url)
    const http = await monitorOf(t, `${site.url}/now.jpg`, { fps: 10 })
    t.match(await rtsp.state((state) => state.status === 'offline'), { reason: /answered 503 Not Now/ })
    t.match(await http.state((state) => state.status === 'offline'), {
      reason: /answered with the status 404/,
    })
    await until('more than a mistake would have had', () => rtsp.states.length > 3 && http.states.length > 3)
    status = 200
    isUp = true
    await Promise.all([rtsp.framesSeen(3), http.framesSeen(3)])
  },
)

t.test('power cut: back within 3 s of its return, with one connection', { skip: skipRtsp }, async (t) => {
  const camera = await cameraOf(t)
  const monitor = await monitorOf(t, camera.url)
  await monitor.framesSeen(5)
  for (const outage of [1, 2]) {
    await camera.kill()
    await monitor.state(({ status, reconnects }) => status === 'offline' && reconnects >= outage - 1)
    await until('some attempts', () => monitor.states.at(-1)!.reconnects >= 3 * outage)
    const before = { frames: monitor.frames.length, connections: camera.connections }
    await camera.start()
    const startedMs = performance.now()
    await monitor.framesSeen(before.frames + 1)
    const tookMs = performance.now() - startedMs
    t.ok(tookMs < PATIENCE_MS, `outage ${outage}: back after ${Math.round(tookMs)} ms`)
    await monitor.framesSeen(before.frames + 10)
    t.equal(camera.connections - before.connections, 1, 'it was called once')
  }
})

t.test('a camera that comes back with another picture is looked at anew', { skip: skipRtsp }, async (t) => {
  const camera = await cameraOf(t, { size: '320x180' })
  const monitor = await monitorOf(t, camera.url)
  await monitor.framesSeen(3)
  t.match(monitor.frames[0], { contentWidth: 128, contentHeight: 72 })
  await camera.kill()
  await monitor.state(({ status }) => status === 'offline')
  await camera.start('320x240')
  await until('frames of the other size', () => monitor.frames.at(-1)!.contentHeight === 96, PATIENCE_MS)
  t.ok(
    monitor.frames.every(({ contentHeight }) => contentHeight === 72 || contentHeight === 96),
    'none is squeezed',
  )
  await until('its state', () => monitor.states.at(-1)!.source?.height === 240, PATIENCE_MS)
})

t.test('a refused user: said in its state, and given up before it was ever there', { skip }, async (t) => {
  const site = await serveHttp(t, (_request, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="cam"' }).end()
  })
  const monitor = await monitorOf(t, `${site.url}/live`)
  await monitor.state(({ status, reason }) => status === 'offline' && /asks for a user/.test(reason ?? ''))
  t.match(await monitor.outcome, { kind: 'fail', error: { code: 'CREDENTIALS_REFUSED' } })
  const last = await monitor.state(({ status }) => status === 'ended')
  t.match(last.reason, /asks for a user and a password/)
})

t.test('its time ends the waiting for a camera, too', { skip }, async (t) => {
  const free = createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const { port } = free.address() as { port: number }
  await new Promise((resolve) => free.close(resolve))
  const monitor = await monitorOf(t, `rtsp://127.0.0.1:${port}/a`, { durationMs: 1500 })
  t.match(await monitor.outcome, {
    kind: 'done',
    output: { ended: 'duration', reason: /never answered: .*ECONNREFUSED/, frames: { decoded: 0 } },
  })
})

t.test('a recording that is not there is a mistake in the request', { skip }, async (t) => {
  const site = await serveHttp(t, (_request, response) => void response.writeHead(404).end())
  const monitor = await monitorOf(t, `${site.url}/clip.mp4`, { pace: 'complete' })
  t.match(await monitor.outcome, {
    kind: 'fail',
    error: { code: 'SOURCE_UNAVAILABLE', message: /no connection within 0\.6 s: .*status 404/ },
  })
})

t.test(
  'pictures over UDP: where the camera sends nothing else, and where it is asked to',
  { skip: skipRtsp },
  async (t) => {
    let held: Buffer | undefined
    // Every second packet is overtaken by the next one.
    const swap = ([packet]: Buffer[]) => {
      const given = held ? [packet!, held] : []
      held = held ? undefined : packet
      return given
    }
    const only = await cameraOf(t, { isUdpOnly: true })
    const asked = await cameraOf(t, { onTheWay: swap })
    const auto = await monitorOf(t, only.url)
    const udp = await startMonitor(t, {
      servers,
      waits,
      input: { source: { kind: 'url', url: asked.url, transport: 'udp' } },
    })
    await Promise.all([auto.framesSeen(20), udp.framesSeen(20)])
    t.equal(asked.setUps.tcp, 0)
    t.ok(only.setUps.udp >= 2)
    // What it learned it keeps.
    const { tcp } = only.setUps
    await only.kill()
    await auto.state(({ status }) => status === 'offline')
    await only.start()
    await auto.framesSeen(auto.frames.length + 5)
    t.equal(only.setUps.tcp, tcp)
  },
)
