import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '#platform/clock/clock.ts'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { decodeArguments } from '../../services/agents/video/capture/decode/decode-plan.ts'
import { openFrameSocket } from '../../services/agents/video/capture/decode/frame-socket.ts'
import { CameraFiles } from '../../services/agents/video/recordings/store/camera-files.ts'
import { CameraRecorder } from '../../services/agents/video/recordings/store/camera-recorder.ts'

// What it costs to record one camera at 1080p and 25 frames a second: ffmpeg that does nothing else (it has to read the stream anyway), and
// what this process does with it. Processor time as a share of one core.
const SECONDS = Number(process.argv[2] ?? 20)
const tools = await findFfmpeg()
if (!tools) throw new Error('there is no ffmpeg on this machine')
const folder = await mkdtemp(join(tmpdir(), 'murmur-measure-'))
const clip = join(folder, 'camera.mp4')
const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=25', '-vf', 'noise=alls=12:allf=t', '-t', '10']
const encoder = [
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  '-b:v',
  '6M',
  '-maxrate',
  '6M',
  '-bufsize',
  '6M',
  '-g',
  '50',
  '-bf',
  '0',
]
await promisify(execFile)(tools.ffmpeg, ['-v', 'error', '-y', ...picture, ...encoder, clip])

const files = new CameraFiles(
  { tenant: 'default', camera: 'yard', root: folder },
  { beforeMs: 0, afterMs: 0 },
)
let written = 0
const recorder = new CameraRecorder({
  ...{ files, clock: systemClock, line: { nowMs: () => Date.now() }, hasRoom: async () => true },
  onWritten: (bytes) => {
    written += bytes
  },
  ...{ onDropped: console.error, onState: () => undefined },
})
const session = recorder.session({ monitor: 'm', session: 's' })
const socket = join(folder, 'record')
const sizes = {
  input: { width: 32, height: 32 },
  content: { width: 32, height: 18 },
  display: { width: 32, height: 18 },
}
const all = decodeArguments({
  ...{ input: ['-stream_loop', '-1', '-re', '-i', clip], sizes, version: [5, 1] },
  outputs: { model: 'none', display: 'none', record: socket },
})
// Without the pictures that it would decode for detectors and people.
const args = [...all.slice(0, all.indexOf('-filter_complex_threads')), ...all.slice(all.lastIndexOf('-map'))]
const child = spawn(tools.ffmpeg, args, { stdio: ['ignore', 'ignore', 'inherit'] })
const reading = openFrameSocket(
  socket,
  {
    isHeld: false,
    take(part) {
      session.take(part)
      return part.length
    },
  },
  new AbortController().signal,
)

async function programSeconds(): Promise<number> {
  const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

await systemClock.sleep(3000)
const before = { own: process.cpuUsage(), program: await programSeconds(), written, atMs: performance.now() }
await systemClock.sleep(SECONDS * 1000)
const { user, system } = process.cpuUsage(before.own)
const seconds = (performance.now() - before.atMs) / 1000
const share = (used: number) => `${((used / seconds) * 100).toFixed(2)} % of a core`
console.log(
  `${(((written - before.written) * 8) / seconds / 1e6).toFixed(1)} Mbit/s for ${seconds.toFixed(0)} s`,
)
console.log(
  `ffmpeg ${share((await programSeconds()) - before.program)}, capture ${share((user + system) / 1e6)}`,
)
child.kill('SIGKILL')
await reading.finished
await session.end()
await rm(folder, { recursive: true })
