import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { openBus } from '../../../support/bus.ts'
import { rtspPython, startRtspServer } from '../../../support/rtsp-server.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'
import { children } from './children.ts'
import { makeFile, picture, skip } from './clips.ts'
import { startMonitor } from './monitor-fixture.ts'

// A real camera over RTSP, and a real decoder that gets a twelfth of a processor: pictures come all the time, and ever later.

t.setTimeout(120_000)
const servers = await withServers(t)
const setup = await openBus(t, servers.natsUrl)
await setup.streams.provision({ partitions: 1, storageBytes: 2 ** 30 })
const skipRtsp = skip || (rtspPython === undefined ? 'there is no RTSP server on this machine' : false)

/** Lets the decoders that read this address run for a part of the time, until it is ended. */
function throttle(
  t: Test,
  address: string,
  { runMs, stopMs }: { runMs: number; stopMs: number },
): () => Promise<void> {
  const stopped = new Set<number>()
  let isOver = false
  const pids = () =>
    children(address)
      .filter((child) => child.endsWith(' ffmpeg'))
      .map((child) => Number.parseInt(child, 10))
  const work = (async () => {
    while (!isOver) {
      for (const pid of pids()) {
        stopped.add(pid)
        kill(pid, 'SIGSTOP')
      }
      await sleep(stopMs)
      for (const pid of stopped) kill(pid, 'SIGCONT')
      stopped.clear()
      await sleep(runMs)
    }
  })()
  const end = async () => {
    isOver = true
    await work
  }
  t.teardown(end)
  return end
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It was ended in between.
  }
}

t.test(
  'a decoder slower than its camera: told, cut at the live edge, and over',
  { skip: skipRtsp },
  async (t) => {
    const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25', '-bf', '0', '-crf', '30']
    const clip = await makeFile(t, 'wide.mp4', [
      ...picture({ seconds: 60, fps: 25, size: '1920x1080' }),
      ...encoded,
    ])
    const camera = await startRtspServer(t, clip)
    const events: CameraEvent[] = []
    t.teardown(
      setup.subscribe(SUBJECTS.cameraEvents('default', 'wide'), ({ data }) => {
        events.push(cameraEventSchema.parse(JSON.parse(Buffer.from(data).toString())))
      }),
    )
    const source = { kind: 'url', url: camera.url } as const
    const monitor = await startMonitor(t, { servers, input: { source, camera: 'wide' } })
    await monitor.framesSeen(20)
    const { lagMs } = await monitor.state((state) => state.status === 'live' && state.lagMs !== undefined)
    t.ok(lagMs! < 1000, `${lagMs} ms while all is well`)
    const begins = () =>
      events.filter(({ rule, state }) => rule.kind === 'camera-lagging' && state?.phase === 'begin')
    const ends = () =>
      events.filter(({ rule, state }) => rule.kind === 'camera-lagging' && state?.phase === 'end')
    await until('a new monitor ends what was told before', () => ends().length === 1)

    const end = throttle(t, '127.0.0.1', { runMs: 15, stopMs: 400 })
    const lagging = await monitor.state(({ status, cuts = 0 }) => status === 'lagging' && cuts > 0)
    t.match(lagging.reason, /behind the camera: opened again at the live edge/)
    await until('it is told', () => begins().length === 1, 30_000)
    const worst = Math.max(...monitor.states.map((state) => state.lagMs ?? 0))
    t.ok(worst > 2000, `${worst} ms were measured`)
    t.ok(worst < 10_000, `${worst} ms: a backlog does not grow`)
    const late = monitor.frames.filter(({ capturedAtMs, atMs }) => capturedAtMs !== atMs)
    t.strictSame(late, [], 'of a camera both are when it was taken')
    await end()
    const cuts = monitor.states.at(-1)?.cuts ?? 0
    await until('it is live again', () => monitor.states.at(-1)?.status === 'live', 60_000)
    await until('that is told', () => ends().length === 2)
    t.equal(begins().length, 1, `one incident for ${cuts} cuts`)
    t.ok((monitor.states.at(-1)?.lagMs ?? 9999) < 1500)
    t.equal(monitor.states.at(-1)?.reconnects, 0, 'a cut is no outage')
  },
)
