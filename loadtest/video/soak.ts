import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import { startServers } from '../../deploy/local/servers/start-servers.ts'
import { round, rssMb } from '../bench/measure.ts'
import { chooseClip, chooseModel } from './material.ts'
import { startVideoProduct, stopMonitor } from './video-product.ts'

/**
 * Cameras that run on and on: does memory stay where it is? Prints the slope of each process' resident memory over the
 * second half of the run, as the last line. `node loadtest/video/soak.ts --minutes 30 --cameras 4`
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    cameras: { type: 'string', default: '4' },
    fps: { type: 'string', default: '5' },
    model: { type: 'string' },
  },
})
const SAMPLE_INTERVAL_MS = 10_000
const WATCHED = ['orchestrator', 'video', 'detection'] as const
const say = (line: string) => process.stderr.write(`${line}\n`)

const dataDir = mkdtempSync(join(tmpdir(), 'murmur-soak-'))
const media = await resolveFfmpeg(say)
const servers = await startServers({ dataDir, report: say })
try {
  const product = await startVideoProduct(servers, {
    processes: WATCHED,
    env: { MURMUR_MODEL: chooseModel(values.model), MURMUR_FFMPEG: media.ffmpeg },
  })
  const clipFile = await chooseClip(dataDir)
  const blob = await product.upload(readFileSync(clipFile), basename(clipFile))
  const ids: string[] = []
  for (let i = 1; i <= Number(values.cameras); i++) {
    ids.push(
      await product.monitor({
        source: { kind: 'file', blob },
        camera: `soak-${i}`,
        pace: 'live',
        loop: true,
        fps: Number(values.fps),
        lines: [{ id: 'middle', from: [0.5, 0], to: [0.5, 1] }],
        rules: [{ id: 'cross', kind: 'line-crossing', line: 'middle' }],
      }),
    )
  }
  const pids = [
    ...WATCHED.map((name) => ({ name: name as string, pid: product.pid(name) })),
    { name: 'nats', pid: servers.natsPid! },
    { name: 'redis', pid: servers.redisPid! },
  ]
  const samples = new Map(pids.map(({ name }) => [name, [] as [minutes: number, mb: number][]]))
  const startMs = performance.now()
  const endMs = startMs + Number(values.minutes) * 60_000
  while (performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL_MS))
    const minutes = (performance.now() - startMs) / 60_000
    for (const { name, pid } of pids) samples.get(name)!.push([minutes, rssMb(pid)])
    say(
      `${round(minutes)} min: ${pids.map(({ name }) => `${name} ${samples.get(name)!.at(-1)![1]} MB`).join(', ')}`,
    )
  }
  await Promise.all(ids.map((id) => stopMonitor(product.bus, id)))
  const summaries = await Promise.all(ids.map((id) => product.summaryOf(id, 60_000)))
  const result = {
    minutes: Number(values.minutes),
    cameras: ids.length,
    analysed: summaries.reduce((sum, { frames }) => sum + frames.analysed, 0),
    mb: Object.fromEntries([...samples].map(([name, of]) => [name, of.at(-1)![1]])),
    slopeMbPerHour: Object.fromEntries(
      [...samples].map(([name, of]) => [name, round(slope(of.slice(Math.floor(of.length / 2))) * 60)]),
    ),
  }
  await product.stop()
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

/** Least squares. */
function slope(points: readonly [number, number][]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const top = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return top / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}
