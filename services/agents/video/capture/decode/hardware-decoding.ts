import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { lastErrorLine } from '#platform/media/stderr-tail.ts'
import type { FfmpegProgram } from '../ffmpeg-program.ts'

/** What ffmpeg can decode with beside the processor, the first that works is taken; and what its frames are called on the device. */
const SURFACES = {
  cuda: 'cuda',
  vaapi: 'vaapi',
  qsv: 'qsv',
  videotoolbox: 'videotoolbox_vld',
  d3d11va: 'd3d11',
} as const
export type HardwareMethod = keyof typeof SURFACES
export const HARDWARE_METHODS = Object.keys(SURFACES) as HardwareMethod[]

/** `auto`: the first that works. `none`: the processor alone. */
export const HARDWARE_DECODING = ['auto', 'none', ...HARDWARE_METHODS] as const
export type HardwareDecoding = (typeof HARDWARE_DECODING)[number]

/** With what is decoded, and why with nothing better. */
export interface Decoding {
  method: HardwareMethod | 'software'
  reason?: string
}

const execute = promisify(execFile)
/** Of one try. Milliseconds: drivers may take a second to wake up a device. */
const TRY_TIMEOUT_MS = 8000
/** A second of video to try on: large enough for every decoder (NVDEC takes nothing below 48 pixels). */
const TEST_VIDEO = ['-f', 'lavfi', '-i', 'testsrc=size=320x192:rate=10:duration=0.5', '-pix_fmt', 'yuv420p']

const known = new Map<string, Promise<Decoding>>()

/**
 * What works here, found out by really decoding with it: once a process. Never rejects: what does not work is decoded by the processor, with
 * the reason.
 */
export function findDecoding(
  ffmpeg: Pick<FfmpegProgram, 'path' | 'hasX264'>,
  wanted: HardwareDecoding,
): Promise<Decoding> {
  const key = `${ffmpeg.path} ${wanted}`
  const found = known.get(key) ?? tryMethods(ffmpeg, wanted)
  known.set(key, found)
  return found
}

async function tryMethods(
  ffmpeg: Pick<FfmpegProgram, 'path' | 'hasX264'>,
  wanted: HardwareDecoding,
): Promise<Decoding> {
  if (wanted === 'none') return { method: 'software' }
  try {
    const built = await builtMethods(ffmpeg.path)
    const methods = wanted === 'auto' ? HARDWARE_METHODS.filter((method) => built.has(method)) : [wanted]
    const sample = ffmpeg.hasX264 ? await testVideo(ffmpeg.path) : undefined
    const faults: string[] = []
    for (const method of methods) {
      const fault = built.has(method)
        ? await tryMethod(ffmpeg.path, method, sample)
        : 'this ffmpeg was built without it'
      if (fault === undefined) return { method }
      faults.push(`${method}: ${fault}`)
    }
    return { method: 'software', reason: faults.join('; ') || 'this ffmpeg was built without any' }
  } catch (error) {
    return { method: 'software', reason: `it could not be tried: ${(error as Error).message.slice(0, 200)}` }
  }
}

async function builtMethods(path: string): Promise<Set<string>> {
  const { stdout } = await execute(path, ['-hide_banner', '-hwaccels'], { timeout: TRY_TIMEOUT_MS, env: {} })
  return new Set(stdout.split('\n').map((line) => line.trim()))
}

async function testVideo(path: string): Promise<Buffer> {
  const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-f', 'h264', 'pipe:1']
  const { stdout } = await execute(path, ['-v', 'error', '-nostdin', ...TEST_VIDEO, ...encoder], {
    ...{ timeout: TRY_TIMEOUT_MS, env: {}, encoding: 'buffer' },
  })
  return stdout
}

/**
 * Arguments that decode the test video on the device and fail where that is not done there: ffmpeg would go on with the processor otherwise.
 * Without a video only the device is opened. Pure.
 */
export function tryArguments(method: HardwareMethod, hasVideo: boolean): string[] {
  const device = ['-v', 'error', '-init_hw_device', `${method}=tried`]
  if (!hasVideo) return [...device, ...TEST_VIDEO.slice(0, 4), '-frames:v', '1', '-f', 'null', '-']
  const decoder = ['-hwaccel', method, '-hwaccel_device', 'tried', '-hwaccel_output_format', SURFACES[method]]
  const shown = ['-vf', 'hwdownload,format=nv12', '-frames:v', '1', '-f', 'null', '-']
  return [...device, ...decoder, '-f', 'h264', '-i', 'pipe:0', ...shown]
}

/** @returns why it does not work; undefined: it does */
function tryMethod(
  path: string,
  method: HardwareMethod,
  sample: Buffer | undefined,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(path, tryArguments(method, sample !== undefined), {
      ...{ env: {}, stdio: ['pipe', 'ignore', 'pipe'], timeout: TRY_TIMEOUT_MS },
    })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      if (stderr.length < 8192) stderr += part
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(sample)
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code) => resolve(code === 0 ? undefined : whyNot(stderr)))
  })
}

/** The first line says what is missing, the last ones only that it failed. Pure. */
export function whyNot(stderr: string): string {
  const [first = ''] = stderr.split('\n').filter((line) => line.trim() !== '')
  const text = first.replace(/^\[[^\]]*\]\s*/, '').trim()
  return text === '' ? 'it gave no picture' : text.slice(0, 160)
}

/** What ffmpeg says when a device fails midway. */
const DEVICE_FAULT = /hwaccel|hw_?device|hwdownload|cuda|nvdec|cuvid|vaapi|libva|qsv|mfx|videotoolbox|d3d11/i

/** With what the readings of one source are decoded. */
export interface DecodingChoice {
  /** What a reading is to use; undefined: the processor. */
  readonly method: HardwareMethod | undefined
  readonly told: Decoding
  /** A reading has ended without one frame: where the device is at fault, the next ones do without it. @returns whether it is */
  noFrame(stderrTail: string): boolean
}

/** @param onFallback told once, with the reason */
export function createDecodingChoice(found: Decoding, onFallback: (reason: string) => void): DecodingChoice {
  let told = found
  return {
    get method() {
      return told.method === 'software' ? undefined : told.method
    },
    get told() {
      return told
    },
    noFrame(stderrTail) {
      if (told.method === 'software' || !DEVICE_FAULT.test(stderrTail)) return false
      const reason = `${told.method} failed: ${lastErrorLine(stderrTail)}`
      told = { method: 'software', reason }
      onFallback(reason)
      return true
    },
  }
}
