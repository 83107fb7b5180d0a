import { parentPort, workerData } from 'node:worker_threads'
import onvif, { type Cam, type CamProfile } from 'onvif'
import type { OnvifOrder } from './ask-onvif.ts'

// What devices of a network answer is read here and nowhere else: a library that stumbles over it ends this thread, not the command.

const { Discovery } = onvif
const order = workerData as OnvifOrder
const tell = (message: object) => parentPort?.postMessage(message)

if (order.kind === 'discover') discover(order)
else describe(order).catch((error: unknown) => tell({ fault: (error as Error).message }))

function discover({ timeoutMs, device }: Extract<OnvifOrder, { kind: 'discover' }>): void {
  Discovery.on('error', (error: unknown) => tell({ ignored: String(error).slice(0, 300) }))
  Discovery.on('device', (found: unknown, from: { address: string }) =>
    tell({ device: found, from: from.address }),
  )
  Discovery.probe({ timeout: timeoutMs, resolve: false, ...(device !== undefined && { device }) }, () =>
    tell({ end: true }),
  )
}

async function describe(order: Extract<OnvifOrder, { kind: 'describe' }>): Promise<void> {
  const { host, port, path, isSecure, user, password, timeoutMs } = order
  const cam = await new Promise<Cam>((resolve, reject) => {
    const made: Cam = new onvif.Cam(
      {
        hostname: host,
        port,
        path,
        useSecure: isSecure,
        timeout: timeoutMs,
        // What it says about its own address may be that of another network, or of somebody else.
        preserveAddress: true,
        ...(user !== undefined && { username: user, password: password ?? '' }),
      },
      (error: unknown) => (error ? reject(error) : resolve(made)),
    )
  })
  const about = await called((done) => cam.getDeviceInformation(done)).catch(() => ({}))
  tell({ about })
  for (const profile of profilesOf(cam)) {
    const profileToken = profile.$?.token ?? profile.token ?? ''
    const protocol = { protocol: 'RTSP' as const, stream: 'RTP-Unicast' as const, profileToken }
    const [stream, snapshot] = await Promise.all([
      called((done) => cam.getStreamUri(protocol, done)).catch(() => ({})),
      called((done) => cam.getSnapshotUri({ profileToken }, done)).catch(() => ({})),
    ])
    tell({ profile, stream, snapshot })
  }
  tell({ end: true })
}

function profilesOf(cam: Cam): (CamProfile & { $?: { token?: string } })[] {
  return [cam.profiles ?? []].flat() as (CamProfile & { $?: { token?: string } })[]
}

function called<Answer>(call: (done: (error: unknown, answer?: Answer) => void) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call((error, answer) => (error ? reject(error) : resolve(answer as Answer)))
  })
}
