import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import type { CameraView } from '#schemas/camera-view.ts'
import { startVideoProduct } from '../../loadtest/video/video-product.ts'
import { renderCameras } from '../../services/cli/cameras/render-cameras.ts'
import { judgeVideo } from '../../services/cli/doctor/judge-video.ts'
import { noPaint } from '../../services/cli/output/paint.ts'
import { renderVideo } from '../../services/cli/system/render-video.ts'
import { makeClip, skip } from '../agents/video/capture/clips.ts'
import { withServers } from '../support/servers.ts'
import { until } from '../support/until.ts'

// The whole product, with places for two cameras. Its detector freezes, as a driver or a full disk can make it: the process is there, and
// answers nobody.

t.setTimeout(180_000)

t.test('a frozen detector and a camera without a place: told as what they are, once', { skip }, async (t) => {
  const servers = await withServers(t)
  const product = await startVideoProduct(servers, {
    env: {
      ...{ MURMUR_LOG_LEVEL: 'fatal', MURMUR_CAPTURE_CAMERAS: '2', MURMUR_ALERT_STEADY_MS: '2000' },
      MURMUR_MODEL: 'starter',
    },
  })
  t.teardown(() => product.stop())
  const { bus } = product
  const clip = await product.upload(await makeClip(t, { seconds: 20, fps: 5 }), 'yard.mp4')
  const monitorOf = (camera: string) =>
    product.monitor({ source: { kind: 'file', blob: clip }, camera, loop: true, fps: 5 })
  const cameras = async () => (await bus.call('listCameras', {})).cameras
  const cameraOf = async (name: string) => (await cameras()).find(({ camera }) => camera === name)
  const is = async (name: string, status: CameraView['status'], timeoutMs = 30_000) => {
    let seen: CameraView | undefined
    await until(
      `${name} is ${status}`,
      async () => {
        seen = await cameraOf(name)
        return seen?.status === status
      },
      timeoutMs,
    )
    return seen!
  }
  const alertsOf = async (kind: Alert['rule']['kind']) =>
    (await bus.call('listAlerts', { limit: 100 })).alerts.filter(({ rule }) => rule.kind === kind)

  await monitorOf('yard')
  await monitorOf('gate')
  await is('yard', 'live')
  await is('gate', 'live')
  // What a camera shows is looked at a moment after it shows it.
  await until('both are looked at', async () => (await cameras()).every(({ analysedAtMs }) => analysedAtMs))
  const third = await monitorOf('road')

  const detector = product.pid('detection')
  process.kill(detector, 'SIGSTOP')
  const frozenMs = Date.now()
  const resume = () => process.kill(detector, 'SIGCONT')
  t.teardown(() => {
    try {
      resume()
    } catch {
      // It has ended.
    }
  })
  const blind = await is('yard', 'blind', 15_000)
  const blindAfterMs = Date.now() - frozenMs
  t.ok(blindAfterMs < 12_000, `blind after ${blindAfterMs} ms`)
  await until('why is known', async () =>
    /no detector .*answers/.test((await cameraOf('yard'))?.reason ?? ''),
  )
  t.ok((await cameraOf('yard'))!.fps > 0, 'pictures come')
  t.ok(blind.analysedAtMs! <= frozenMs + 1000)
  await until('alerts of both', async () => (await alertsOf('camera-blind')).length === 2)
  t.match(await alertsOf('camera-blind'), [
    { status: 'open', incident: { phase: 'ongoing' } },
    { status: 'open' },
  ])
  await until('the detector is silent', async () => {
    const { detectors = [] } = await bus.call('listAgents', {})
    return detectors[0]?.state === 'silent'
  })
  const { detectors, cameras: counts } = await bus.call('listAgents', {})
  t.match(judgeVideo({ detectors, cameras: counts }, Date.now()), [
    { name: 'detection', status: 'fail', evidence: /not heard for/ },
    { name: 'cameras', status: 'fail', evidence: /2 blind/ },
  ])
  t.match(
    renderVideo({ detectors, cameras: counts }, Date.now(), noPaint).join('\n'),
    /not heard for .*2 blind/s,
  )

  const road = await is('road', 'waiting')
  t.match(road.reason, /waiting for a place: 2 of 2 taken in 1 capture process/)
  await until(
    'that nobody watches it is an alert',
    async () => (await alertsOf('camera-unwatched')).length === 1,
    40_000,
  )
  t.match(await alertsOf('camera-unwatched'), [
    { camera: 'road', status: 'open', message: /Nobody watches camera road/ },
  ])
  const lines = renderCameras(await cameras(), { total: 3, nowMs: Date.now(), paint: noPaint }).join('\n')
  t.match(lines, /road +waiting/)

  resume()
  await is('yard', 'live', 20_000)
  await until('closed by itself', async () =>
    (await alertsOf('camera-blind')).every(({ status }) => status === 'resolved'),
  )
  t.match(await alertsOf('camera-blind'), [
    { changedBy: 'murmuration', incident: { phase: 'over', times: 1 } },
    {},
  ])
  t.equal((await alertsOf('camera-blind')).length, 2)
  await until('the detector is back', async () => {
    const { detectors: heard = [] } = await bus.call('listAgents', {})
    return heard[0]?.state === 'ready'
  })

  await bus.call('cancelTask', { taskId: third })
  await until('nobody is to watch it any more', async () => {
    const [alert] = await alertsOf('camera-unwatched')
    return alert?.status === 'resolved'
  })
  t.equal(await cameraOf('road'), undefined)
})
