import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startServers } from '../../deploy/local/servers/start-servers.ts'
import { systemClock } from '../../services/platform/clock/clock.ts'
import { findFfmpeg } from '../../services/platform/config/ffmpeg.ts'
import { startVideoProduct } from './video-product.ts'

// What a camera costs that is captured and not recorded: processor time and memory of its ffmpeg, and what the process of capture and
// tracking needs for it. Cameras of 25 frames a second, of which ten are looked at. `node loadtest/video/measure-capture.ts [cameras] [seconds]`
const CAMERAS = Number(process.argv[2] ?? 4)
const SECONDS = Number(process.argv[3] ?? 20)
const SIZES = ['640x360', '1280x720', '1920x1080']
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096
const MIB = 1024 ** 2

const tools = await findFfmpeg()
if (!tools) throw new Error('there is no ffmpeg on this machine')
const folder = await mkdtemp(join(tmpdir(), 'murmur-measure-'))
const servers = await startServers({ dataDir: join(folder, 'servers'), report: () => undefined })
const product = await startVideoProduct(servers, {
  env: { MURMUR_CAPTURE_CAMERAS: '64', MURMUR_RECORDINGS_DIR: '' },
})

interface Usage {
  seconds: number
  /** Of programs that it has started and that have ended. */
  endedSeconds: number
  bytes: number
}

/** Of a process: what it has used of the processor, and its memory that is there. Zero when it has ended. */
async function usageOf(pid: number): Promise<Usage> {
  const [stat, statm] = await Promise.all(
    ['stat', 'statm'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
  )
  const fields = stat!.split(') ')[1]?.split(' ') ?? []
  const [, resident = 0, shared = 0] = statm!.split(' ').map(Number)
  return {
    seconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND,
    endedSeconds: (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) / TICKS_PER_SECOND,
    bytes: (resident - shared) * PAGE_BYTES,
  }
}

async function decoders(): Promise<number[]> {
  const parent = product.pid('video')
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger)
  const stats = await Promise.all(
    pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')] as const),
  )
  return stats
    .filter(([, stat]) => stat.includes('(ffmpeg)') && stat.split(') ')[1]?.split(' ')[1] === String(parent))
    .map(([pid]) => pid)
}

/** `programs`: those that run, and those that have ended. */
async function usage(): Promise<{ programs: Pick<Usage, 'seconds' | 'bytes'>; own: Usage; count: number }> {
  const pids = await decoders()
  const all = await Promise.all(pids.map(usageOf))
  const own = await usageOf(product.pid('video'))
  const programs = { seconds: own.endedSeconds, bytes: 0 }
  for (const { seconds, bytes } of all) {
    programs.seconds += seconds
    programs.bytes += bytes
  }
  return { programs, own, count: pids.length }
}

try {
  for (const size of SIZES) {
    const short = join(folder, `${size}-short.mp4`)
    const clip = join(folder, `${size}.mp4`)
    const picture = [
      '-f',
      'lavfi',
      '-i',
      `testsrc2=s=${size}:r=25`,
      '-vf',
      'noise=alls=12:allf=t',
      '-t',
      '10',
    ]
    const encoder = [
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-crf',
      '28',
      '-g',
      '50',
      '-pix_fmt',
      'yuv420p',
    ]
    await promisify(execFile)(tools.ffmpeg, ['-v', 'error', '-y', ...picture, ...encoder, short])
    // Longer than it is measured: a program that starts again costs more than one that runs.
    const times = String(Math.ceil((SECONDS + 20) / 10))
    const again = ['-v', 'error', '-y', '-stream_loop', times, '-i', short, '-c', 'copy', clip]
    await promisify(execFile)(tools.ffmpeg, again)
    const blob = await product.upload(await readFile(clip), 'camera.mp4')
    const idle = await usage()
    const monitors = await Promise.all(
      Array.from({ length: CAMERAS }, (_, i) =>
        product.monitor({ source: { kind: 'file', blob }, camera: `c${i}-${size}`, loop: true, fps: 10 }),
      ),
    )
    await systemClock.sleep(8000)
    const before = await usage()
    const startedMs = performance.now()
    await systemClock.sleep(SECONDS * 1000)
    const after = await usage()
    const seconds = (performance.now() - startedMs) / 1000
    const { cameras } = await product.bus.call('listCameras', {})
    const fps = cameras.map((camera) => camera.fps).toSorted((a, b) => a - b)[0]
    const share = (used: number) => `${((used / seconds / CAMERAS) * 100).toFixed(1)} %`
    console.log(
      [
        `${size}, ${after.count} decoders, slowest camera ${fps} fps; of a core a camera:`,
        `ffmpeg ${share(after.programs.seconds - before.programs.seconds)},`,
        `capture and tracking ${share(after.own.seconds - before.own.seconds)};`,
        `ffmpeg ${(after.programs.bytes / CAMERAS / MIB).toFixed(0)} MiB a camera,`,
        `process ${((after.own.bytes - idle.own.bytes) / CAMERAS / MIB).toFixed(0)} MiB more a camera`,
      ].join(' '),
    )
    await Promise.all(monitors.map((taskId) => product.bus.call('cancelTask', { taskId })))
    await systemClock.sleep(3000)
  }
} finally {
  await product.stop()
  await servers.stop()
  await rm(folder, { recursive: true, force: true })
}
