import t from 'tap'
import { SUBJECTS } from '#subjects/subjects.ts'
import { shapeWarning } from '../../../../services/agents/video/capture/main-stream/main-stream.ts'
import { decodeJpeg } from '../../../../services/agents/video/pictures/jpeg.ts'
import { openBus } from '../../../support/bus.ts'
import { startRtspCamera } from '../../../support/rtsp-camera.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'
import { skip, tools } from './clips.ts'
import { startMonitor } from './monitor-fixture.ts'

const servers = await withServers(t)
const setup = await openBus(t, servers.natsUrl)
await setup.streams.provision({ partitions: 1, storageBytes: 2 ** 30 })

t.test(
  'a substream is analysed, pictures come from the main stream, and each is called once',
  { skip },
  async (t) => {
    const [main, sub] = await Promise.all([
      startRtspCamera(t, { ffmpeg: tools!.ffmpeg, size: '1280x720', fps: 10 }),
      startRtspCamera(t, { ffmpeg: tools!.ffmpeg, size: '320x180', fps: 10 }),
    ])
    const source = { kind: 'url', url: main.url } as const
    const detectSource = { kind: 'url', url: sub.url } as const
    const monitor = await startMonitor(t, {
      servers,
      input: { source, detectSource, camera: 'two', fps: 10 },
    })
    await monitor.state(({ mainStream }) => mainStream?.status === 'live')
    await monitor.framesSeen(20)
    const live = await monitor.state(({ status, source }) => status === 'live' && source !== undefined)
    t.match(live.source, { width: 320, height: 180 })
    const state = await monitor.state(({ mainStream }) => mainStream?.source !== undefined)
    t.match(state.mainStream, { source: { width: 1280, height: 720 } })
    t.equal(state.mainStream?.warning, undefined)
    const subject = SUBJECTS.monitorSnapshot('task-two')
    const last = monitor.frames.at(-1)!
    const kept = await monitor.bus.requestBytes(
      subject,
      { epoch: last.epoch, seq: last.seq },
      { timeoutMs: 5000 },
    )
    t.match(await decodeJpeg(kept), { width: 1280, height: 720 })
    const newest = await monitor.bus.requestBytes(subject, { newest: true }, { timeoutMs: 5000 })
    t.match(await decodeJpeg(newest), { width: 1280 })

    // Without it pictures are small ones, and the camera stays live.
    await main.kill()
    const without = await monitor.state(({ mainStream }) => mainStream?.status === 'offline')
    t.match(without, { status: 'live', mainStream: { reason: /\S/ } })
    const small = await monitor.bus.requestBytes(subject, { newest: true }, { timeoutMs: 5000 })
    t.match(await decodeJpeg(small), { width: 320, height: 180 })
    await main.start()
    await until('the main stream to be back', () => monitor.states.at(-1)?.mainStream?.status === 'live')
    t.match(monitor.states.at(-1), { status: 'live', reconnects: 0 })
  },
)

t.test('streams of another shape: said, with what it means', { skip }, async (t) => {
  const [main, sub] = await Promise.all([
    startRtspCamera(t, { ffmpeg: tools!.ffmpeg, size: '640x360', fps: 10 }),
    startRtspCamera(t, { ffmpeg: tools!.ffmpeg, size: '320x240', fps: 10 }),
  ])
  const monitor = await startMonitor(t, {
    servers,
    input: {
      source: { kind: 'url', url: main.url },
      detectSource: { kind: 'url', url: sub.url },
      camera: 'shapes',
    },
  })
  const state = await monitor.state(({ mainStream }) => mainStream?.warning !== undefined)
  t.match(state.mainStream?.warning, /640 × 360 .* 320 × 240, another shape: zones/)
})

t.test('shapes: rounded sides are the same', async (t) => {
  t.equal(shapeWarning({ width: 2560, height: 1440 }, { width: 640, height: 360 }), undefined)
  t.equal(shapeWarning({ width: 1920, height: 1080 }, { width: 704, height: 400 }), undefined)
  t.match(shapeWarning({ width: 2560, height: 1440 }, { width: 704, height: 576 }), /another shape/)
})
