import type { Detection } from '#schemas/detection.ts'
import type { Box } from '#schemas/geometry.ts'
import { lookSimilarity } from '../../appearance/appearance.ts'
import { boxArea, containment, iou } from '../geometry.ts'
import { solveAssignment } from './data-association.ts'
import { lastVelocity } from './track-life-cycle.ts'
import type { TrackOptions } from './track-options.ts'
import type { LostObject, TrackState } from './track-state.ts'

/** Objects remembered, at most; those that were lost first are forgotten first. */
const MAX_LOST = 128
/** An object that stood for so long is remembered longest. Milliseconds. */
const LONG_STAND_MS = 60_000
/** How long objects are remembered that stood, or were never seen elsewhere. Milliseconds. */
const KEEP = {
  parkedMs: 12 * 3_600_000,
  vehicleMs: 30 * 60_000,
  /** What is taken for a person and never moves: a sign, a statue, somebody who sleeps. */
  stillPersonMs: 3_600_000,
  unmovedPersonMs: 15 * 60_000,
  stoodPersonMs: 10 * 60_000,
  /** Who walked: found again by looks alone. */
  walkedMs: 60_000,
} as const
/** What was lost longer ago needs a look to be taken for the same, where it was seen to come and go. Milliseconds. */
const SURE_WITHOUT_LOOK_MS = 30_000

/** A detection must overlap the place by this (IoU). */
const PLACE_IOU: Readonly<Record<Detection['class'], number>> = { person: 0.55, vehicle: 0.45 }
/** Or be a part of it: so much inside, and no smaller a share of it. */
const PART = { inside: 0.8, share: 0.25 } as const
/** Looks may differ the more, the better the place fits: light and fog change them. */
const LOOK_IN_PLACE = { loose: 0.6, exact: 0.3 } as const
/** What is found elsewhere has to fit so well, and by so much better than the next best. */
const ELSEWHERE = { fits: 0.82, margin: 0.04 } as const
/** Who walked (sizes a second) may be behind something for so long; how far off its way it may come out, in its sizes, and what that counts. */
const WAY = { speed: 0.3, seconds: 8, off: 2, most: 1, bonus: 0.12 } as const
/** How far a walker gets, in its own sizes: at once, and each second. */
const REACH = { start: 1, perSecond: 2 } as const
const SIZE_RATIO = 2.5
/** So near to the edge of the picture somebody leaves or enters it. */
const EDGE = 0.012

/** With those that were just lost, without those that are forgotten. Pure. */
export function rememberLost(
  lost: readonly LostObject[],
  gone: readonly TrackState[],
  { atMs, preset, options }: { atMs: number; preset: number; options: TrackOptions },
): readonly LostObject[] {
  const kept = lost.filter((object) => atMs - object.seenMs <= keepMs(object, options))
  const added = gone
    .filter(({ id }) => id > 0)
    .map((track) => lostObject(track, atMs, preset))
    // Who walked out of the picture is gone; what stands at its edge is not.
    .filter((object) => !leavesPicture(object.box) || !object.roamed || stood(object, options))
  if (added.length === 0) return kept.length === lost.length ? lost : kept
  const isReplaced = (old: LostObject) =>
    added.some((object) => object.key === old.key || (stood(object, options) && sharesPlace(object, old)))
  return [...kept.filter((old) => !isReplaced(old)), ...added].slice(-MAX_LOST)
}

function lostObject(track: TrackState, atMs: number, preset: number): LostObject {
  const { filter: _filter, recalledMs: _recalled, bornAs: _born, partMs: _part, left: _left, ...rest } = track
  const { place, placeSinceMs, stillSinceMs } = track
  return {
    ...rest,
    ...(place && { box: place, stillSinceMs: Math.min(stillSinceMs, placeSinceMs ?? stillSinceMs) }),
    place: place ?? track.box,
    velocity: lastVelocity(track, atMs),
    preset,
  }
}

function sharesPlace(a: LostObject, b: LostObject): boolean {
  return a.class === b.class && a.preset === b.preset && iou(a.place, b.place) >= PLACE_IOU[a.class]
}

function leavesPicture([left, top, right, bottom]: Box): boolean {
  return left < EDGE || top < EDGE || right > 1 - EDGE || bottom > 1 - EDGE
}

/** Whether it was at rest where it was lost. Pure. */
export function stood({ seenMs, stillSinceMs }: LostObject, { stillMs }: TrackOptions): boolean {
  return seenMs - stillSinceMs >= stillMs
}

/** How long it may be found where it was. */
function keepMs(object: LostObject, options: TrackOptions): number {
  const stoodMs = object.seenMs - object.stillSinceMs
  if (object.class === 'vehicle') {
    if (stoodMs >= LONG_STAND_MS) return KEEP.parkedMs
    return stood(object, options) || !object.roamed ? KEEP.vehicleMs : KEEP.walkedMs
  }
  if (!object.roamed) return stoodMs >= LONG_STAND_MS ? KEEP.stillPersonMs : KEEP.unmovedPersonMs
  return stood(object, options) ? KEEP.stoodPersonMs : KEEP.walkedMs
}

/**
 * Lost objects that a detection shows again in their place: parked cars after fog, signs that are taken for persons now and then.
 * Pure.
 *
 * @param alive keys of tracks that there are: those are not lost
 */
export function recallByPlace(
  lost: readonly LostObject[],
  detections: readonly Detection[],
  { atMs, alive, options }: { atMs: number; alive: ReadonlySet<number>; options: TrackOptions },
): { recalled: (readonly [LostObject, Detection])[]; left: readonly Detection[] } {
  const candidates = lost.filter(
    (object) => !alive.has(object.key) && (stood(object, options) || !object.roamed),
  )
  if (candidates.length === 0 || detections.length === 0) return { recalled: [], left: detections }
  const costs = detections.map((detection) =>
    candidates.map((object) => 1 - placeFit(object, detection, atMs)),
  )
  const chosen = solveAssignment(costs, 1)
  const recalled = detections.flatMap((detection, i) =>
    chosen[i]! < 0 ? [] : [[candidates[chosen[i]!]!, detection] as const],
  )
  return { recalled, left: detections.filter((_, i) => chosen[i]! < 0) }
}

/** Above 0 when it may be the same, more the better it fits. */
function placeFit(object: LostObject, { class: seenAs, box, look }: Detection, atMs: number): number {
  if (seenAs !== object.class) return 0
  const overlap = iou(object.place, box)
  const inPart =
    containment(object.place, box) >= PART.inside && boxArea(box) >= PART.share * boxArea(object.place)
  const isFresh = atMs - object.seenMs <= SURE_WITHOUT_LOOK_MS
  if (overlap < PLACE_IOU[seenAs] && !(inPart && (seenAs === 'vehicle' || isFresh))) return 0
  const alike = lookSimilarity(object.look, look)
  // A person that came and went is another one, unless that is only a moment ago or it looks the same.
  if (alike === undefined)
    return seenAs === 'person' && object.roamed && !isFresh ? 0 : Math.max(overlap, 0.1)
  const needed = LOOK_IN_PLACE.loose - (LOOK_IN_PLACE.loose - LOOK_IN_PLACE.exact) * overlap
  return alike < needed ? 0 : Math.max(0.01, (overlap + alike) / 2)
}

/**
 * The lost object that a track, just confirmed, is most likely: one of the same look, not far from where that was lost, or one that was on
 * its way there; while no other fits as well. Nobody who comes in over the edge of the picture. Pure.
 */
export function recallWalker(
  lost: readonly LostObject[],
  track: TrackState,
  alive: ReadonlySet<number>,
): LostObject | undefined {
  const birth = track.bornAt ?? track.box
  if (leavesPicture(birth)) return undefined
  let [best, fit, next]: [LostObject | undefined, number, number] = [undefined, 0, 0]
  for (const object of lost) {
    if (alive.has(object.key) || !isInReach(object, track, birth)) continue
    const fits = walkerFit(object, track, birth)
    if (fits > fit) [best, fit, next] = [object, fits, fit]
    else next = Math.max(next, fits)
  }
  return fit >= ELSEWHERE.fits && fit - next >= ELSEWHERE.margin ? best : undefined
}

/** About 1 at best: how alike they look, more when it is where it would have got to; without looks only that counts. */
function walkerFit(object: LostObject, { look, bornMs }: TrackState, birth: Box): number {
  const alike = lookSimilarity(object.look, look)
  const seconds = (bornMs - object.seenMs) / 1000
  const [x, y] = object.velocity ?? [0, 0]
  const size = Math.sqrt(boxArea(birth))
  const isWalking = Math.hypot(x, y) > WAY.speed * size && seconds <= WAY.seconds
  const off = isWalking
    ? Math.hypot(...between(object.box, birth, [x * seconds, y * seconds])) / size
    : WAY.off
  const onWay = Math.max(0, 1 - off / WAY.off)
  return alike === undefined ? WAY.most * Math.sqrt(onWay) : alike + WAY.bonus * onWay
}

function isInReach(object: LostObject, { class: seenAs, bornMs }: TrackState, birth: Box): boolean {
  const gapMs = bornMs - object.seenMs
  if (object.class !== seenAs || gapMs < 0 || gapMs > KEEP.walkedMs) return false
  const [was, is] = [boxArea(object.box), boxArea(birth)]
  if (was > SIZE_RATIO * is || is > SIZE_RATIO * was) return false
  const way = Math.hypot(...between(object.box, birth))
  return way <= (REACH.start + (REACH.perSecond * gapMs) / 1000) * Math.sqrt(Math.max(was, is))
}

/** From the feet of one box, moved, to those of another. */
function between(from: Box, to: Box, [x, y]: readonly [number, number] = [0, 0]): [number, number] {
  return [(to[0] + to[2] - from[0] - from[2]) / 2 - x, to[3] - from[3] - y]
}
