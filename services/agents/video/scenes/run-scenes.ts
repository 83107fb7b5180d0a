import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { SceneTruth } from '#schemas/scene-truth.ts'
import { writeDataset } from './dataset/write-dataset.ts'
import { encodeClip } from './output/encode-clip.ts'
import { streamFrames } from './output/y4m-stream.ts'
import { findScenario, SCENARIOS } from './scenarios/catalogue.ts'
import { CONDITIONS } from './scenarios/conditions.ts'
import { QUIET_PLACES } from './scenarios/quiet-places.ts'
import { createScenarioRenderer, type ScenarioRenderOptions } from './scenarios/scenario-renderer.ts'
import type { Scenario } from './scenarios/script.ts'

const USAGE = `Usage:
  list                                          the scenarios
  render <scenario> --out CLIP.mp4 [--truth F]  a clip and its truth
  pipe <scenario> [--truth F] [--loop]          yuv4mpeg2 on standard output
  rules <scenario>                              zones, lines and rules as JSON: what a monitor is started with
  dataset --count N --out DIR                   random frames with boxes
Options: --seed N (1)  --width W (960; dataset 416)  --height H (540; dataset 256)  --fps F (10)  --seconds S
`

/** What is wrong with the arguments, in words for the user. */
class UsageError extends Error {}

/** Runs one command. @returns the exit code: 0, 1 when it failed, 2 for arguments that are wrong */
export async function runSceneCommand(args: readonly string[]): Promise<number> {
  try {
    await runCommand(args)
    return 0
  } catch (error) {
    const usage =
      error instanceof UsageError ||
      (error as { code?: unknown }).code?.toString().startsWith('ERR_PARSE_ARGS')
    process.stderr.write(`${usage ? USAGE : ''}${messageOf(error)}\n`)
    return usage ? 2 : 1
  }
}

const OPTIONS = {
  seed: { type: 'string' },
  width: { type: 'string' },
  height: { type: 'string' },
  fps: { type: 'string' },
  seconds: { type: 'string' },
  count: { type: 'string' },
  out: { type: 'string' },
  truth: { type: 'string' },
  loop: { type: 'boolean' },
} as const

async function runCommand(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
  const [command, name] = positionals
  const number = (key: 'seed' | 'width' | 'height' | 'fps' | 'seconds' | 'count', bounds: Bounds) =>
    readNumber(key, values[key], bounds)
  const seed = number('seed', { fallback: 1, min: 0, max: 2 ** 31 - 1, isInteger: true })
  if (command === 'list') {
    for (const { name: title, seconds, summary } of [...SCENARIOS, ...CONDITIONS, ...QUIET_PLACES])
      process.stdout.write(`${title.padEnd(12)} ${seconds} s  ${summary}\n`)
    return
  }
  if (command === 'dataset') {
    const count = number('count', { min: 1, max: 1_000_000, isInteger: true })
    return writeDataset(required('out', values.out), {
      count,
      seed,
      width: sizeOf('width', values.width, 416),
      height: sizeOf('height', values.height, 256),
    })
  }
  if (command !== 'render' && command !== 'pipe' && command !== 'rules')
    throw new UsageError(`there is no command "${command ?? ''}"`)
  const scenario = scenarioOf(name)
  const options: ScenarioRenderOptions = {
    seed,
    width: sizeOf('width', values.width, 960),
    height: sizeOf('height', values.height, 540),
    fps: number('fps', { fallback: 10, min: 0.1, max: 120 }),
    seconds: number('seconds', { fallback: scenario.seconds, min: 0.1, max: 3600 }),
  }
  const renderer = createScenarioRenderer(scenario, options)
  const onTruth = async (truth: SceneTruth) => {
    if (values.truth !== undefined) await writeFile(values.truth, `${JSON.stringify(truth)}\n`)
  }
  if (command === 'rules') process.stdout.write(`${JSON.stringify(renderer.watch, null, 2)}\n`)
  else if (command === 'pipe')
    await streamFrames(renderer, process.stdout, { size: options, loop: values.loop ?? false, onTruth })
  else await onTruth(await encodeClip(renderer, options, required('out', values.out)))
}

function scenarioOf(name: string | undefined): Scenario {
  const scenario = name === undefined ? undefined : findScenario(name)
  if (scenario) return scenario
  throw new UsageError(
    `there is no scenario "${name ?? ''}": ${[...SCENARIOS, ...CONDITIONS, ...QUIET_PLACES].map((known) => known.name).join(', ')}`,
  )
}

function sizeOf(name: 'width' | 'height', given: string | undefined, fallback: number): number {
  const size = readNumber(name, given, { fallback, min: 64, max: 4096, isInteger: true })
  if (size % 2 === 0) return size
  throw new UsageError(`--${name} must be even`)
}

interface Bounds {
  fallback?: number
  min: number
  max: number
  isInteger?: boolean
}

function readNumber(
  name: string,
  given: string | undefined,
  { fallback, min, max, isInteger = false }: Bounds,
): number {
  const value = given === undefined ? fallback : Number(given)
  if (value !== undefined && value >= min && value <= max && (!isInteger || Number.isInteger(value)))
    return value
  throw new UsageError(`--${name} must be ${isInteger ? 'a whole number' : 'a number'} from ${min} to ${max}`)
}

function required(name: string, given: string | undefined): string {
  if (given !== undefined) return given
  throw new UsageError(`--${name} must be given`)
}
