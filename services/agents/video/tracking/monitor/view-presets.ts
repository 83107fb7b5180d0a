import { z } from 'zod'
import { decodeView, encodeView, isFaded, viewSimilarity } from '../../appearance/view.ts'

/**
 * Which view a camera shows. Fixed cameras have one; one that turns comes back to its presets.
 *
 *   steady ── the picture is no longer alike ──► moving ── still for 600 ms ──► steady: a view that is known, or a new one
 *      ▲                                            │
 *      └──────── alike again: it was covered ───────┘
 */
export const viewStateSchema = z.object({
  /** What each view looks like, over time; the first is 1. */
  presets: z.array(z.string().max(512)).max(64),
  /** The one shown, or shown last: 1, 2, 3 … */
  preset: z.int().min(1),
  moving: z.boolean(),
  /** The last picture. */
  last: z.string().max(512).optional(),
  /** Of a camera that moves: the picture since which it may have come to rest, and when that was. */
  rest: z.string().max(512).optional(),
  stillSinceMs: z.number().optional(),
  adaptedMs: z.number().optional(),
  /** How alike one picture is to the next while nothing moves: rain and noise differ from picture to picture. */
  calm: z.number().optional(),
})
export type ViewState = z.infer<typeof viewStateSchema>

export const NO_VIEW: ViewState = { presets: [], preset: 1, moving: false }

/** Views that are told apart, at most; what is more shares the last. */
const MAX_PRESETS = 16
/** Below this a picture is another view. Night, fog and a lorry before the lens leave more than that. */
const ANOTHER = 0.3
/** Above this it is a known one. Rain leaves no more of it. */
const KNOWN = 0.4
/** Above this nothing moves from one picture to another; where noise leaves less than that, above what it leaves, less a margin. */
const STILL = 0.85
/** Below this it is noise that tells pictures apart, and not a slow turn. */
const NOISY = 0.9
const CALM = { margin: 0.1, share: 0.1 } as const
const SETTLE_MS = 600
/** What a view looks like changes slowly, with the light: a share of the new once a second, while they are alike. */
const ADAPT = { intervalMs: 1000, share: 0.1, alike: 0.35 } as const

/** After one more picture; without a view, or with too little to see in it, all stays as it was. Pure. */
export function stepView(before: ViewState, view: string | undefined, atMs: number): ViewState {
  const cells = decodeView(view)
  if (view === undefined || !cells) return before
  const anchor = decodeView(before.presets[before.preset - 1])
  if (!anchor) return { ...before, presets: [...before.presets, view], last: view, adaptedMs: atMs }
  const alike = viewSimilarity(anchor, cells)
  if (!before.moving && (alike === undefined || isFaded(anchor, cells))) return { ...before, last: view }
  if (!before.moving && alike !== undefined && alike >= ANOTHER)
    return adapt({ ...before, last: view, ...calmed(before, cells) }, { cells, anchor, alike, atMs })
  if (before.moving && (alike ?? 0) >= KNOWN) return { ...steady(before, before.preset), last: view }
  // Beside the picture before, one of a camera that turns slowly looks the same; where there is noise, none does.
  const from = decodeView(before.moving && (before.calm ?? 1) > NOISY ? before.rest : before.last)
  const still = Math.min(STILL, (before.calm ?? 1) - CALM.margin)
  const isStill = from !== undefined && (viewSimilarity(from, cells) ?? 1) >= still
  if (!before.moving || !isStill)
    return { ...before, moving: true, last: view, rest: view, stillSinceMs: atMs }
  if (atMs - (before.stillSinceMs ?? atMs) < SETTLE_MS) return { ...before, last: view }
  return settle({ ...before, last: view }, view, cells)
}

/** What noise leaves of the likeness of two pictures of a camera that stands still, over time. */
function calmed({ calm, last }: ViewState, cells: Uint8Array): Pick<ViewState, 'calm'> {
  const before = decodeView(last)
  const now = before && viewSimilarity(before, cells)
  if (now === undefined) return {}
  return { calm: calm === undefined ? now : calm + (now - calm) * CALM.share }
}

function steady({ stillSinceMs: _since, rest: _rest, ...state }: ViewState, preset: number): ViewState {
  return { ...state, preset, moving: false }
}

/** The camera has come to rest. */
function settle(state: ViewState, view: string, cells: Uint8Array): ViewState {
  let [best, most] = [-1, KNOWN]
  state.presets.forEach((preset, i) => {
    const alike = viewSimilarity(decodeView(preset)!, cells) ?? 0
    if (alike >= most) [best, most] = [i, alike]
  })
  if (best >= 0) return steady(state, best + 1)
  const presets = [...state.presets.slice(0, MAX_PRESETS - 1), view]
  return steady({ ...state, presets }, presets.length)
}

interface Seen {
  cells: Uint8Array
  anchor: Uint8Array
  alike: number
  atMs: number
}

function adapt(state: ViewState, { cells, anchor, alike, atMs }: Seen): ViewState {
  const isDue = atMs - (state.adaptedMs ?? Number.NEGATIVE_INFINITY) >= ADAPT.intervalMs
  if (!isDue || alike < ADAPT.alike) return state
  // Whole steps: a level that differs by less than a step would never be reached.
  const mixed = anchor.map(
    (level, i) => level + Math.sign(cells[i]! - level) * Math.ceil(Math.abs(cells[i]! - level) * ADAPT.share),
  )
  const presets = state.presets.with(state.preset - 1, encodeView(mixed))
  return { ...state, presets, adaptedMs: atMs }
}
