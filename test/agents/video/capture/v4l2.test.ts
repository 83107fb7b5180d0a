import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { withServers } from '../../../support/servers.ts'
import { skip, tools } from './clips.ts'
import { startMonitor } from './monitor-fixture.ts'

const execute = promisify(execFile)
const servers = await withServers(t)

/** A device that gives pictures without a camera: vivid draws them, a loopback gives what another program put in. */
async function virtualDevice(): Promise<string | undefined> {
  const names = await readdir('/dev').catch(() => [])
  for (const name of names.filter((each) => /^video\d{1,3}$/.test(each))) {
    const path = `/dev/${name}`
    const frames = ['-f', 'v4l2', '-i', path, '-frames:v', '1', '-f', 'null', '-']
    const works = await execute(tools!.ffmpeg, ['-v', 'error', ...frames], { timeout: 5000 }).then(
      () => true,
      () => false,
    )
    if (works) return path
  }
  return undefined
}

const device = tools && (await virtualDevice())
const skipDevice =
  skip || (device === undefined ? 'no V4L2 device gives pictures here (modprobe vivid makes one)' : false)

t.test('a V4L2 device is a camera', { skip: skipDevice }, async (t) => {
  const source = { kind: 'device', path: device! } as const
  const monitor = await startMonitor(t, { servers, input: { source, fps: 5, durationMs: 4000 } })
  await monitor.framesSeen(5)
  t.match(await monitor.outcome, { kind: 'done', output: { ended: 'duration' } })
})

t.test(
  'a device that is not there yet is waited for, as when somebody has pulled its plug',
  { skip },
  async (t) => {
    const source = { kind: 'device', path: '/dev/video251' } as const
    const monitor = await startMonitor(t, { servers, input: { source, durationMs: 2000 } })
    const away = await monitor.state(({ status }) => status === 'offline')
    t.match(away.reason, /can't be opened: .*No such file/)
    t.match(await monitor.outcome, { kind: 'done', output: { ended: 'duration', reason: /never answered/ } })
  },
)
