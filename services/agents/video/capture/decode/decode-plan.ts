import type { MediaFacts } from '#platform/media/media-facts.ts'
import { formatRational, type Rational, rationalFromDecimal, toNumber } from '#platform/media/rational.ts'
import type { DetectorInfo } from '#schemas/detection.ts'
import type { Tiling } from '#schemas/model-names.ts'
import { pixelBytes } from '../../frames/frame-message.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import { PRINT_TIMES } from './frame-times.ts'
import { tiledBox } from './tile-plan.ts'

export interface Size {
  width: number
  height: number
}

/** The sizes of one source's frames. Pixels. */
export interface FrameSizes {
  /** What the detector takes, grey border included. */
  input: Size
  /** The part of it from the top left that shows the source. */
  content: Size
  /** For people: snapshots and clips. Even, never larger than the source. */
  display: Size
  /** What the network looks at, when the picture is cut into parts of this size. */
  part?: Size
}

/** Inputs whose waste differs by less than this are equally good; the detector's own order then counts. */
const WASTE_TOLERANCE = 0.01

/** The input that wastes the least border on a source, and what follows from it; with `tiles` it is cut into several. Pure. */
export function chooseSizes(source: Size, inputs: DetectorInfo['inputs'], tiles?: Tiling): FrameSizes {
  const fits = inputs.map((input) => {
    const box = tiles ? tiledBox(input, tiles) : input
    const content = fitInto(source, box)
    return { input, content, waste: 1 - (content.width * content.height) / (box.width * box.height) }
  })
  const leastWaste = Math.min(...fits.map(({ waste }) => waste))
  const { input, content } = fits.find(({ waste }) => waste <= leastWaste + WASTE_TOLERANCE)!
  const size = { width: input.width, height: input.height }
  const display = displaySize(source)
  // Parts are cut where there is a picture: there is no border.
  return tiles ? { input: content, content, display, part: size } : { input: size, content, display }
}

/** Share of what a network looks at that shows nothing of the source. Pure. */
export function borderShare({ input, content, part }: FrameSizes): number {
  if (part) return 0
  return 1 - (content.width * content.height) / (input.width * input.height)
}

/** Bytes of a frame in planes of green, blue and red, without the border below. */
export function modelBytes({ input, content }: FrameSizes): number {
  return pixelBytes({ width: input.width, contentHeight: content.height })
}

/** Bytes of a frame as yuv420p; both sides are even. */
export function displayBytes({ display }: FrameSizes): number {
  return (display.width * display.height * 3) / 2
}

function fitInto(source: Size, box: Size): Size {
  const scale = Math.min(box.width / source.width, box.height / source.height)
  const side = (length: number, max: number) => Math.min(max, Math.max(1, Math.round(length * scale)))
  return { width: side(source.width, box.width), height: side(source.height, box.height) }
}

/** Of pictures for people: even, never larger than the source. Pure. */
export function displaySize(source: Size, maxWidth: number = CAPTURE_LIMITS.displayWidthPx): Size {
  const scale = Math.min(1, maxWidth / source.width)
  const even = (length: number) => Math.max(2, 2 * Math.floor(length / 2))
  return { width: even(source.width * scale), height: even(Math.round(source.height * scale)) }
}

/** Frames of a camera that are analysed, unless the request says otherwise. A second. */
const CAMERA_RATE: Rational = { numerator: 10, denominator: 1 }
/** For recordings that don't say how fast they are. Frames a second. */
const UNKNOWN_RATE: Rational = { numerator: 10, denominator: 1 }

/** How frames are chosen after decoding, and how many a second come out. */
export interface RatePlan {
  filter?: string
  rate: Rational
}

/**
 * Cameras: frames are only left out, never shown twice. Recordings: frames at even distances, so that their time follows from
 * their number; one with a constant rate that is not above the limit is left as it is. Pure.
 *
 * @param wanted `fps` as the request has it: frames a second
 */
export function planRate(
  { frameRate, hasConstantRate }: Pick<MediaFacts, 'frameRate' | 'hasConstantRate'>,
  wanted: { isCamera: boolean; fps?: number | undefined },
): RatePlan {
  const limit = wanted.fps === undefined ? undefined : rationalFromDecimal(wanted.fps)
  if (wanted.isCamera) {
    const rate = limit ?? CAMERA_RATE
    return { filter: thinOut(toNumber(rate)), rate: slower(rate, frameRate) }
  }
  const own = frameRate ?? UNKNOWN_RATE
  const rate = slower(own, limit)
  if (rate === own && hasConstantRate) return { rate }
  return { filter: `fps=${formatRational(rate)}`, rate }
}

function slower(rate: Rational, other: Rational | undefined): Rational {
  return other && toNumber(other) < toNumber(rate) ? other : rate
}

/**
 * At most so many frames a second, spread evenly: register 0 is when the next one is due. A frame that comes up to a third of
 * a period early is taken, since cameras jitter; after a gap, and when times jump back, counting begins anew.
 */
function thinOut(fps: number): string {
  const part = (share: number) => decimal(share / fps)
  const isDue = `gte(t+${part(0.3)},ld(0))+lt(t,ld(0)-2)`
  const from = `if(lt(t,ld(0)-2),t,max(ld(0),t-${part(0.5)}))`
  return `select='if(isnan(t),1,if(${isDue},1+0*st(0,${from}+${part(1)})))'`
}

/** Never in the form 1e-7. */
function decimal(value: number): string {
  return value.toFixed(6)
}

/** The border: what the models were trained with. */
const BORDER_COLOUR = '0x727272'
/** ffmpeg ends by itself when nobody connects, as after a crash of ours. Milliseconds. */
const LISTEN_TIMEOUT_MS = '15000'

export interface DecodePlan {
  /** As `inputArguments` makes them. */
  input: readonly string[]
  sizes: FrameSizes
  /** Paths of the sockets to listen on. */
  outputs: { model: string; display: string; record?: string | undefined }
  /** What the stream is called that is recorded, where it is; as ffmpeg names it. */
  recordedCodec?: string | undefined
  /** What decodes beside the processor. */
  hwaccel?: string | undefined
  /** Chooses frames after decoding; all of them without one. */
  rateFilter?: string | undefined
  /** Whether the times of the frames are printed: `FrameTimes` reads them. */
  printsTimes?: boolean
  /** Major and minor version of ffmpeg. */
  version: readonly [major: number, minor: number]
  /** ffmpeg says what it reads, too, each line with a mark of its kind. */
  isTelling?: boolean | undefined
}

/**
 * One process, one graph, two outputs in lockstep: planes for the model and yuv420p for people, each on a local socket. The source
 * is decoded once and frames are left out only after that, since later ones need them. Pure.
 */
export function decodeArguments(plan: DecodePlan): string[] {
  const { input, sizes, outputs, rateFilter, version, isTelling, hwaccel } = plan
  const { input: box, content, display } = sizes
  const model = [
    `scale=${content.width}:${content.height}:flags=bilinear`,
    'format=gbrp',
    // At the right only; the rows below are not sent. The exact size even if the source changes its own on the way: shares of the picture stay right.
    `pad=${box.width}:${content.height}:0:0:color=${BORDER_COLOUR}`,
  ].join(',')
  const displayed = `scale=${display.width}:${display.height}:flags=bilinear,format=yuv420p`
  const filters = [
    ...(rateFilter === undefined ? [] : [rateFilter]),
    ...(plan.printsTimes ? [PRINT_TIMES] : []),
  ]
  const chosen = filters.map((filter) => `${filter},`).join('')
  const graph = `[0:V:0]${chosen}split=2[a][b];[a]${model}[model];[b]${displayed}[display]`
  const raw = [...eachFrameOnce(version), '-f', 'rawvideo', '-listen', '1', '-timeout', LISTEN_TIMEOUT_MS]
  return [
    ...['-hide_banner', '-v', isTelling ? 'level+info' : 'error', '-nostats', '-nostdin', '-threads', '2'],
    ...(hwaccel === undefined ? [] : ['-hwaccel', hwaccel]),
    ...input,
    ...['-filter_complex_threads', '1', '-filter_complex', graph],
    ...['-map', '[model]', ...raw, `unix:${outputs.model}`],
    ...['-map', '[display]', ...raw, `unix:${outputs.display}`],
    ...(outputs.record === undefined ? [] : copyArguments(outputs.record, plan.recordedCodec)),
  ]
}

/** A fragment a second, and one with each key frame: as much is lost when a process is killed. Milliseconds. */
const RECORDED_FRAGMENT_MS = 1000

/**
 * An output with the source's own stream on a local socket: nothing is encoded for it, and nothing is connected twice. Pure.
 * @param fragmentMs how much comes at a time
 */
export function copyArguments(
  path: string,
  codec: string | undefined,
  fragmentMs = RECORDED_FRAGMENT_MS,
): string[] {
  return [
    ...['-map', '0:V:0', '-c:v', 'copy', ...(codec === 'hevc' ? ['-tag:v', 'hvc1'] : [])],
    ...[
      '-f',
      'mp4',
      '-movflags',
      'empty_moov+default_base_moof+frag_keyframe',
      '-frag_duration',
      String(fragmentMs * 1000),
    ],
    ...['-flush_packets', '1', '-listen', '1', '-timeout', LISTEN_TIMEOUT_MS, `unix:${path}`],
  ]
}

/** Otherwise ffmpeg would repeat and leave out frames to get an even rate. */
function eachFrameOnce([major, minor]: readonly [number, number]): string[] {
  const isNew = major > 5 || (major === 5 && minor >= 1)
  return isNew ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough']
}
