import type { Detection } from '#schemas/detection.ts'
import type { Box } from '#schemas/geometry.ts'
import { areaOf, iou } from '../geometry.ts'
import { associate, FORBIDDEN, type RoundResult } from './data-association.ts'
import { boxOf, surpriseOf } from './kalman-filter.ts'
import { keptFor } from './track-life-cycle.ts'
import type { TrackOptions } from './track-options.ts'
import type { TrackState } from './track-state.ts'

/** Squared distance in standard deviations that 99 % of true pairs stay within (χ², two degrees of freedom). */
const GATE = 9.21
/** So far from where it is expected an object is found, in its own sizes (√ of its area), and so much more each second. */
const REACH = 1
/** Cost of a pair that does not overlap but is near; those that do overlap cost 1 − IoU and a little. */
const MOTION_LIMIT = 1.6
/** What a step in depth costs, at most: two that pass each other overlap in the picture, but not where they stand. */
const GROUND_COST = 0.3
/** What overlaps this much is the same object, whatever its speed was: boxes jump when feet come out from behind a wall. */
const SURE_IOU = 0.3
/** An unsure detection must overlap its track by this (IoU). */
const UNSURE_IOU = 0.3
/** What stood still must overlap its place by this (IoU), and by so much more at the end of the time that it is kept. */
const PLACE_IOU = 0.3
const PLACE_IOU_MORE = 0.4
/** Boxes of one object differ by this factor at most, in area, from one frame to the next. */
const SIZE_RATIO = 3

/**
 * Finds the detections of one frame for tracks that have been moved to where they are expected, in rounds; what one round
 * leaves goes to the next:
 *
 *   sure detections    confirmed tracks             where they are expected
 *   unsure detections  confirmed, seen a frame ago  by overlap
 *   sure detections    new tracks                   where they are expected
 *   unsure detections  new tracks                   by overlap
 *   all                tracks that stood still      by their place
 *
 * Pure.
 */
export function matchRounds(
  tracks: readonly TrackState[],
  detections: readonly Detection[],
  { lastMs, atMs, options }: { lastMs: number; atMs: number; options: TrackOptions },
): RoundResult {
  const isSure = ({ score }: Detection) => score >= options.sureScore
  const known = tracks.filter(({ id }) => id > 0)
  const reachable = known.filter(({ seenMs }) => seenMs === lastMs || atMs - seenMs <= options.lostMs)
  const motion = byMotion(atMs, options)

  const sure = associate({ tracks: reachable, detections: detections.filter(isSure) }, motion, MOTION_LIMIT)
  const recent = sure.tracks.filter(({ seenMs }) => seenMs === lastMs)
  const unsureLeft = detections.filter((detection) => !isSure(detection))
  const unsure = associate({ tracks: recent, detections: unsureLeft }, byOverlap, 1 - UNSURE_IOU)
  const fresh = tracks.filter(({ id }) => id === 0)
  const young = associate({ tracks: fresh, detections: sure.detections }, motion, MOTION_LIMIT)
  const faint = associate({ tracks: young.tracks, detections: unsure.detections }, byOverlap, 1 - UNSURE_IOU)
  const found = new Set([...sure.pairs, ...unsure.pairs].map(([track]) => track))
  const still = associate(
    {
      tracks: known.filter((track) => !found.has(track)),
      detections: [...young.detections, ...faint.detections],
    },
    byPlace(atMs, options),
    1,
  )
  return {
    pairs: [sure, unsure, young, faint, still].flatMap(({ pairs }) => pairs),
    tracks: [...still.tracks, ...faint.tracks],
    detections: still.detections,
  }
}

/** 1 − IoU with where it is expected, more the farther its foot is from there and the longer the track was not seen. */
function byMotion(atMs: number, options: TrackOptions) {
  return (track: TrackState, { box }: Detection): number => {
    const expected = boxOf(track.filter)
    const overlap = iou(expected, box)
    const surprise = surpriseOf(track.filter, box) / GATE
    if (overlap < SURE_IOU) {
      const reach = REACH * (1 + (atMs - track.seenMs) / 1000)
      const far = distance(expected, box) > reach * Math.sqrt(areaOf(box))
      if (surprise > 1 || far || !alike(expected, box)) return FORBIDDEN
    }
    const unseenShare = Math.min(1, (atMs - track.seenMs) / options.lostMs)
    const step = Math.min(1, Math.abs(expected[3] - box[3]) / (expected[3] - expected[1]))
    return 1 - overlap + 0.2 * Math.min(1, surprise) + 0.1 * unseenShare + GROUND_COST * step
  }
}

function byOverlap(track: TrackState, { box }: Detection): number {
  return 1 - iou(boxOf(track.filter), box)
}

/** Looked for where it stood, the more exactly the longer it has not been seen. */
function byPlace(atMs: number, options: TrackOptions) {
  return (track: TrackState, { box }: Detection): number => {
    const keepMs = keptFor(track, options)
    if (keepMs <= options.lostMs) return FORBIDDEN
    const age = (atMs - track.seenMs) / keepMs
    const overlap = iou(track.box, box)
    return overlap < PLACE_IOU + PLACE_IOU_MORE * age ? FORBIDDEN : 1 - overlap
  }
}

function distance(a: Box, b: Box): number {
  return Math.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2)
}

function alike(a: readonly number[], b: readonly number[]): boolean {
  const ratio = ((a[2]! - a[0]!) * (a[3]! - a[1]!)) / ((b[2]! - b[0]!) * (b[3]! - b[1]!))
  return ratio < SIZE_RATIO && ratio > 1 / SIZE_RATIO
}
