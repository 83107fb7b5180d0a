import { parseArgs } from 'node:util'
import { PROVIDERS, type Provider } from '../../services/agents/video/detection/onnx-session.ts'
import type { Frame } from '../../services/agents/video/frames/frame-message.ts'
import { round } from '../bench/measure.ts'
import { chooseModel } from './material.ts'
import { openDetector } from './open-detector.ts'

/**
 * What a frame costs in the detector — copying, the network, reading its answer — for each size and batch that the model
 * takes: `node loadtest/video/measure-inference.ts [--model FILE] [--provider cpu] [--batches 1,2,4,8] [--rounds 15]`.
 * Prints a line of JSON each; `cpuMs` is processor time, which stays true on a busy machine, `wallMs` is the median.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    provider: { type: 'string', default: 'cpu' },
    batches: { type: 'string', default: '1,2,4,8' },
    rounds: { type: 'string', default: '15' },
  },
})
const provider = values.provider as Provider
if (!PROVIDERS.includes(provider)) throw new Error(`--provider is one of ${PROVIDERS.join(', ')}`)
const detector = await openDetector(chooseModel(values.model), provider)
const batches = values.batches
  .split(',')
  .map(Number)
  .filter((batch) => batch === 1 || detector.batch > 1)
const cases = detector.info.inputs.flatMap((size) =>
  batches.map((batch) => ({ ...size, batch, wallMs: [] as number[], cpuMs: [] as number[] })),
)
// In turns, so that what else the machine does meets all of them alike. The first round only warms up.
for (let turn = 0; turn <= Number(values.rounds); turn++) {
  for (const one of cases) {
    const frames = Array.from({ length: one.batch }, () => noise(one.width, one.height))
    const cpu = process.cpuUsage()
    const startedMs = performance.now()
    await detector.detect(frames)
    const wallMs = performance.now() - startedMs
    const { user, system } = process.cpuUsage(cpu)
    if (turn === 0) continue
    one.wallMs.push(wallMs / one.batch)
    one.cpuMs.push((user + system) / 1000 / one.batch)
  }
}
for (const { wallMs, cpuMs, ...one } of cases)
  process.stdout.write(
    `${JSON.stringify({ model: detector.info.model, provider, ...one, wallMs: round(median(wallMs), 2), cpuMs: round(median(cpuMs), 2) })}\n`,
  )
await detector.close()

function noise(width: number, height: number): Frame {
  const planes = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 2654435761) >>> 24)
  const about = { v: 1, camera: 'noise', monitor: 'noise', epoch: 1, seq: 1, pace: 'live' } as const
  const times = { capturedAtMs: 0, atMs: 0, mediaMs: 0 }
  return { planes, header: { ...about, ...times, width, height, contentWidth: width, contentHeight: height } }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}
