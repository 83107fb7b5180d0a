import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SUBJECTS } from '#subjects/subjects.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'
import { children } from './children.ts'
import { skip } from './clips.ts'
import { startMonitor } from './monitor-fixture.ts'

const servers = await withServers(t)

/** A renderer as capture starts it: so many grey frames, each brighter than the one before; 0: without end. */
const RENDERER = `
const [command, scenario, flag, seed] = process.argv.slice(2)
if (command !== 'pipe' || flag !== '--seed' || !/^grey-\\d+$/.test(scenario)) {
  console.error('there is no scene ' + scenario)
  process.exit(2)
}
const frames = Number(scenario.slice(5)) || Infinity
process.stdout.write('YUV4MPEG2 W64 H48 F20:1 Ip A1:1 C420jpeg\\n')
const write = (n) => {
  if (n >= frames) return
  const luma = 40 + Number(seed) + (n % 100)
  const frame = Buffer.concat([Buffer.from('FRAME\\n'), Buffer.alloc(64 * 48, luma), Buffer.alloc(64 * 24, 128)])
  if (process.stdout.write(frame)) setImmediate(write, n + 1)
  else process.stdout.once('drain', () => write(n + 1))
}
write(0)
`

function rendererOf(t: Test) {
  const main = join(t.testdir(), 'scene.mjs')
  writeFileSync(main, RENDERER)
  return { program: process.execPath, main }
}

t.test('a scene: all of its frames, with its seed', { skip }, async (t) => {
  const source = { kind: 'scene', scenario: 'grey-30', seed: 7 } as const
  const input = { source, pace: 'complete' } as const
  const monitor = await startMonitor(t, { servers, scenes: rendererOf(t), input, keepPlanes: true })
  t.match(await monitor.outcome, {
    kind: 'done',
    output: { ended: 'end of source', frames: { decoded: 30 }, source: { width: 64, height: 48, fps: 20 } },
  })
  const green = monitor.frames.map(({ planes }) => planes[10]!)
  t.ok(
    green.every((level, i) => i === 0 || level > green[i - 1]!),
    String(green),
  )
  // Luma 47 of the limited range.
  t.ok(Math.abs(green[0]! - (47 - 16) * (255 / 219)) <= 2, String(green[0]))
  t.strictSame(children(), [])
})

t.test('looped: rendered again, numbers go on', { skip }, async (t) => {
  const source = { kind: 'scene', scenario: 'grey-10', seed: 1 } as const
  const input = { source, pace: 'complete', loop: true, durationMs: 1200 } as const
  const monitor = await startMonitor(t, { servers, scenes: rendererOf(t), input })
  t.match(await monitor.outcome, { kind: 'done', output: { ended: 'duration' } })
  t.strictSame(
    monitor.frames.slice(0, 25).map(({ seq, mediaMs }) => [seq, mediaMs]),
    Array.from({ length: 25 }, (_, i) => [i + 1, i * 50]),
  )
})

t.test('a scene that does not exist', { skip }, async (t) => {
  const source = { kind: 'scene', scenario: 'volcano', seed: 1 } as const
  const monitor = await startMonitor(t, { servers, scenes: rendererOf(t), input: { source } })
  t.match(await monitor.outcome, {
    kind: 'fail',
    error: { code: 'INVALID_STEP_INPUT', message: /^source.scenario: there is no scene volcano/ },
  })
  const none = await startMonitor(t, { servers, input: { source } })
  t.match(await none.outcome, { kind: 'fail', error: { message: /renders no scenes/ } })
})

t.test('stopped: neither ffmpeg nor the renderer is left', { skip }, async (t) => {
  const source = { kind: 'scene', scenario: 'grey-0', seed: 1 } as const
  const monitor = await startMonitor(t, { servers, scenes: rendererOf(t), input: { source } })
  await monitor.framesSeen(10)
  t.equal(children().length, 2, children().join(' '))
  await monitor.bus.request(SUBJECTS.monitorStop(monitor.frames[0]!.monitor), {}, { timeoutMs: 2000 })
  t.match(await monitor.outcome, { kind: 'done', output: { ended: 'stopped' } })
  await until('all are gone', () => children().length === 0)
})

t.test("the project's own renderer", { skip, timeout: 60_000 }, async (t) => {
  const main = join(import.meta.dirname, '../../../../services/agents/video/scenes/main.ts')
  const source = { kind: 'scene', scenario: 'crowd', seed: 3 } as const
  const input = { source, pace: 'complete', durationMs: 1000 } as const
  const monitor = await startMonitor(t, { servers, scenes: { program: process.execPath, main }, input })
  t.match(await monitor.outcome, { kind: 'done', output: { ended: 'duration' } })
  t.ok(monitor.frames.length >= 10)
  await until('all are gone', () => children().length === 0)
})
