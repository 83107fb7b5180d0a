import type { Detection } from '#schemas/detection.ts'
import type { Box } from '#schemas/geometry.ts'
import { boxArea, iou } from '../geometry.ts'
import { type Association, associateByClass, FORBIDDEN } from './data-association.ts'
import { estimatedBox, squaredMahalanobis } from './kalman-filter.ts'
import { isPartOf } from './standing.ts'
import { maxUnseenMs } from './track-life-cycle.ts'
import type { TrackOptions } from './track-options.ts'
import type { LostObject, TrackState } from './track-state.ts'

/** Squared distance in standard deviations that 99 % of true pairs stay within (χ², two degrees of freedom). */
const GATE = 9.21
/** So far from where it is expected an object may be found, in its own sizes (√ of its area), and so much more each second. */
const REACH = 1
/** Cost of a pair that does not overlap but is near; those that do overlap cost 1 − IoU and a little. */
const MAX_MOTION_COST = 1.6
/** What a step in depth costs, at most: two that pass each other overlap in the picture, but not where they stand. */
const DEPTH_COST = 0.3
/** What overlaps this much is the same object, whatever its speed was: boxes jump when feet come out from behind a wall. */
const CERTAIN_IOU = 0.3
/** A detection with a low score must overlap its track by this (IoU). */
const LOW_SCORE_IOU = 0.3
/** A stationary object must overlap its last position by this (IoU), and by so much more at the end of the time for which it is kept. */
const POSITION_IOU = 0.3
const POSITION_IOU_GROWTH = 0.4
/** What is found here is what is known to stand there: nobody else who was not seen a moment ago jumps to it. */
const OTHERS_PLACE_IOU = 0.45
/** Boxes of one object differ by this factor at most, in area, from one frame to the next. */
const SIZE_RATIO = 3

/**
 * Associates the detections of one frame with tracks that have been predicted to its time, in stages (as ByteTrack does); what
 * one stage leaves goes to the next:
 *
 *   high scores   confirmed tracks             motion (IoU and Mahalanobis gate)
 *   low scores    confirmed, seen a frame ago  IoU
 *   high scores   tentative tracks             motion
 *   low scores    tentative tracks             IoU
 *   all           lost tracks that stood still IoU with their last position
 *   all           what stands somewhere        a part of it, or it is one
 *
 * Pure.
 */
export function associateDetections(
  tracks: readonly TrackState[],
  detections: readonly Detection[],
  {
    lastMs,
    atMs,
    lost = [],
    options,
  }: { lastMs: number; atMs: number; lost?: readonly LostObject[]; options: TrackOptions },
): Association {
  const isHighScore = ({ score }: Detection) => score >= options.highScore
  const confirmed = tracks.filter(({ id }) => id > 0)
  const reachable = confirmed.filter(({ seenMs }) => seenMs === lastMs || atMs - seenMs <= options.lostMs)
  const places = [...confirmed, ...lost].filter((known) => known.place !== undefined)
  const motion = motionCost(places, { lastMs, atMs, options })

  const highScore = associateByClass(
    { tracks: reachable, detections: detections.filter(isHighScore) },
    motion,
    MAX_MOTION_COST,
  )
  const recent = highScore.tracks.filter(({ seenMs }) => seenMs === lastMs)
  const lowScored = detections.filter((detection) => !isHighScore(detection))
  const lowScore = associateByClass({ tracks: recent, detections: lowScored }, overlapCost, 1 - LOW_SCORE_IOU)
  const tentative = tracks.filter(({ id }) => id === 0)
  const tentativeHigh = associateByClass(
    { tracks: tentative, detections: highScore.detections },
    motion,
    MAX_MOTION_COST,
  )
  const tentativeLow = associateByClass(
    { tracks: tentativeHigh.tracks, detections: lowScore.detections },
    overlapCost,
    1 - LOW_SCORE_IOU,
  )
  const matchedTracks = new Set([...highScore.pairs, ...lowScore.pairs].map(([track]) => track))
  const stationary = associateByClass(
    {
      tracks: confirmed.filter((track) => !matchedTracks.has(track)),
      detections: [...tentativeHigh.detections, ...tentativeLow.detections],
    },
    positionCost(atMs, options),
    1,
  )
  const inPart = associateByClass(stationary, partCost, 1)
  return {
    pairs: [highScore, lowScore, tentativeHigh, tentativeLow, stationary, inPart].flatMap(
      ({ pairs }) => pairs,
    ),
    tracks: [...inPart.tracks, ...tentativeLow.tracks],
    detections: inPart.detections,
  }
}

/** 1 − IoU with where it is expected, more the farther its foot is from there and the longer the track was not seen. */
function motionCost(
  places: readonly (TrackState | LostObject)[],
  { lastMs, atMs, options }: { lastMs: number; atMs: number; options: TrackOptions },
) {
  const isOthersPlace = ({ key, class: objectClass }: TrackState, box: Box) =>
    places.some(
      (known) =>
        known.key !== key && known.class === objectClass && iou(known.place!, box) >= OTHERS_PLACE_IOU,
    )
  return (track: TrackState, { box }: Detection): number => {
    const expected = estimatedBox(track.filter)
    const overlap = iou(expected, box)
    const gateShare = squaredMahalanobis(track.filter, box) / GATE
    if (overlap < CERTAIN_IOU) {
      const reach = REACH * (1 + (atMs - track.seenMs) / 1000)
      const far = distance(expected, box) > reach * Math.sqrt(boxArea(box))
      if (gateShare > 1 || far || !areSimilarInSize(expected, box)) return FORBIDDEN
      // Two cars side by side that are seen now and then: one must not go on where the other one stands.
      if ((track.place || track.seenMs < lastMs) && isOthersPlace(track, box)) return FORBIDDEN
    }
    const unseenShare = Math.min(1, (atMs - track.seenMs) / options.lostMs)
    const step = Math.min(1, Math.abs(expected[3] - box[3]) / (expected[3] - expected[1]))
    return 1 - overlap + 0.2 * Math.min(1, gateShare) + 0.1 * unseenShare + DEPTH_COST * step
  }
}

function overlapCost(track: TrackState, { box }: Detection): number {
  return 1 - iou(estimatedBox(track.filter), box)
}

/** Searched where it stood, the more exactly the longer it has not been seen. */
function positionCost(atMs: number, options: TrackOptions) {
  return (track: TrackState, { box }: Detection): number => {
    const keepMs = maxUnseenMs(track, options)
    if (keepMs <= options.lostMs) return FORBIDDEN
    const age = (atMs - track.seenMs) / keepMs
    const overlap = iou(track.box, box)
    return overlap < POSITION_IOU + POSITION_IOU_GROWTH * age ? FORBIDDEN : 1 - overlap
  }
}

/** A detector sees the cabin of a lorry, or the upper third of a car behind a hedge: that is where the whole is. */
function partCost({ place }: TrackState, { box }: Detection): number {
  if (!place || !(isPartOf(place, box) || isPartOf(box, place))) return FORBIDDEN
  return 0.9 - 0.5 * iou(place, box)
}

function distance(a: Box, b: Box): number {
  return Math.hypot((a[0] + a[2] - b[0] - b[2]) / 2, (a[1] + a[3] - b[1] - b[3]) / 2)
}

function areSimilarInSize(a: readonly number[], b: readonly number[]): boolean {
  const ratio = ((a[2]! - a[0]!) * (a[3]! - a[1]!)) / ((b[2]! - b[0]!) * (b[3]! - b[1]!))
  return ratio < SIZE_RATIO && ratio > 1 / SIZE_RATIO
}
